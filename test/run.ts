import { spawn } from 'node:child_process'
import { glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { showDuration } from '../server/src/kernel/durations.ts'
import { EXIT } from '../server/src/kernel/exit.ts'
import { jsonText } from '../server/src/kernel/output.ts'
import { pureTests } from './pure.ts'
import { reporterOptions } from './root/tally.ts'

const ROOT = join(import.meta.dirname, '..')
const PATTERNS = [
  'server/src/**/*.test.ts',
  'sdk/test/*.test.ts',
  'web/src/**/*.test.ts',
  'test/**/*.test.ts',
]
/** Takes minutes, and the packages of five applications: only when asked for. */
const EXAMPLES = ['test/**/*.examples.ts']
/** Takes hours, and what the npm registry has of fourteen frameworks: only when asked for. */
const STARTERS = 'test/starters/frameworks.starters.ts'
/** What they try takes minutes in which nothing happens, so they take place beside the others, two at a time. */
const WAITING = [
  'server/src/drivers/postgres/frozen.test.ts',
  'test/backups-s3.test.ts',
  'test/faults-backup.test.ts',
  'test/faults-frozen.test.ts',
  'test/jobs.test.ts',
  'test/reports.test.ts',
  'test/rpo.test.ts',
]
const LONGEST_MS = { usual: 600_000, examples: 2_400_000, starters: 14_400_000 }

interface Flags {
  json?: boolean
  examples?: boolean
  starters?: boolean
  quick?: boolean
  root?: string
  versions?: boolean
  coverage?: boolean
}

interface Job {
  name: string
  argv: string[]
  /** What it prints is shown when it passed, too. */
  talks?: boolean
  /** Its temporary folder may be kept in memory. */
  inMemory?: boolean
}

interface Ended {
  name: string
  passed: boolean
  ms: number
  /** What it printed, if that was kept. */
  output: string
}

/**
 * inn test [pattern]: types, style, then every test whose path has the pattern in it; --quick: of the tests
 * only those that need nothing but Node.js, all at once; --coverage: how much of what they load those cover; --examples:
 * the reference apps, deployed; --starters: what frameworks' own starters make, deployed, all or those whose name has
 * the pattern in it.
 */
export async function runTests(pattern: string | undefined, flags: Flags): Promise<void> {
  if (flags.versions) return (await import('./root/versions.ts')).tellVersions(flags)
  if (flags.root !== undefined) return (await import('./root/root.ts')).testInRoot(flags.root, pattern, flags)
  if (flags.starters) return testStarters(pattern, flags)
  const found = (await Array.fromAsync(glob(flags.examples ? EXAMPLES : PATTERNS, { cwd: ROOT })))
    .filter(path => pattern === undefined || path.includes(pattern))
    .sort()
  const files = flags.quick ? await pureTests(ROOT, found) : found
  if (files.length === 0) {
    console.error(`no ${flags.quick ? 'quick ' : ''}test has "${pattern}" in its path`)
    process.exitCode = EXIT.usage
    return
  }
  tell(await endedOf(files, pattern === undefined && !flags.examples, flags), flags)
}

async function endedOf(files: readonly string[], whole: boolean, flags: Flags): Promise<Ended[]> {
  if (flags.coverage) return allAtOnce([quickTests(await pureTests(ROOT, files), 'counted')], flags)
  if (flags.quick) return allAtOnce([...(whole ? checks() : []), quickTests(files)], flags)
  return whole ? allOf(files, flags) : oneByOne([tests(files, flags)], flags)
}

/** What is quick goes first, all at once: most mistakes are found there. */
async function allOf(files: readonly string[], flags: Flags): Promise<Ended[]> {
  const quick = await pureTests(ROOT, files)
  const first = await allAtOnce([...checks(), quickTests(quick)], flags)
  if (first.some(one => !one.passed)) return first
  const slow = files.filter(path => !quick.includes(path))
  const waiting = slow.filter(path => WAITING.includes(path))
  const rest = slow.filter(path => !waiting.includes(path))
  const beside = { ...tests(waiting, flags, [], 'waiting'), name: 'tests that wait' }
  const both = await Promise.all([oneByOne([tests(rest, flags)], flags), allAtOnce([beside], flags)])
  return [...first, ...both.flat()]
}

function tell(ended: readonly Ended[], { json }: Flags): void {
  if (json) console.log(jsonText({ jobs: ended }))
  if (ended.some(one => !one.passed)) process.exitCode = EXIT.failed
}

async function testStarters(pattern: string | undefined, flags: Flags): Promise<void> {
  const { STARTERS: all } = await import('./starters/frameworks.ts')
  const wanted = all
    .map(starter => starter.name)
    .filter(name => name.toLowerCase().includes((pattern ?? '').toLowerCase()))
  if (wanted.length === 0) {
    console.error(`no framework has "${pattern}" in its name: ${all.map(starter => starter.name).join(', ')}`)
    process.exitCode = EXIT.usage
  } else tell(await oneByOne([tests([STARTERS], flags, wanted)], flags), flags)
}

function checks(): Job[] {
  const bin = (name: string, path: string, ...args: string[]): Job => ({
    name,
    argv: [process.execPath, join(ROOT, 'node_modules', path), ...args],
  })
  return [
    bin('types', 'typescript/bin/tsc', '--noEmit'),
    bin('types of the dashboard', 'typescript/bin/tsc', '--noEmit', '-p', 'web'),
    bin('style', '@biomejs/biome/bin/biome', 'check', '.'),
  ]
}

/** `named`: of the tests in these files, those with one of these names; without: all. */
function tests(
  files: readonly string[],
  flags: Flags,
  named: readonly string[] = [],
  part: 'rest' | 'waiting' = 'rest',
): Job {
  const longest = flags.starters
    ? LONGEST_MS.starters
    : flags.examples
      ? LONGEST_MS.examples
      : LONGEST_MS.usual
  return {
    name: 'tests',
    // The packages of reference apps and of frameworks take more room than that.
    inMemory: !flags.examples && !flags.starters,
    argv: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--test',
      // Three at a time on two cores: they wait more than they compute, and the servers that they start want a processor too.
      `--test-concurrency=${part === 'waiting' ? 2 : 3}`,
      `--test-timeout=${longest}`,
      ...named.map(name => `--test-name-pattern=/^${name.replaceAll('.', '\\.')}$/`),
      ...reporterOptions('spec', part),
      ...files,
    ],
  }
}

/**
 * The tests that need nothing but Node.js, all in one process: a process for each file costs three times as much.
 * `counted`: says also how much of what they load they go through, which makes hot loops several times slower, so that
 * bounds of time may not hold. Of the other tests it would tell little: what they try runs in the keeper and its services.
 */
function quickTests(files: readonly string[], counted?: 'counted'): Job {
  const line = join(import.meta.dirname, 'coverage-line.ts')
  return {
    name: 'quick tests',
    talks: counted !== undefined,
    argv: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--test',
      '--test-isolation=none',
      `--test-timeout=${LONGEST_MS.usual}`,
      ...(counted === undefined
        ? []
        : ['--experimental-test-coverage', '--test-coverage-exclude=**/*.{test,fixture}.ts']),
      ...reporterOptions(counted === undefined ? 'spec' : line, 'quick'),
      ...files,
    ],
  }
}

/** Up to the first that fails, and everything that they print; with --json in the one document, at the end. */
async function oneByOne(jobs: readonly Job[], { json }: Flags): Promise<Ended[]> {
  const ended: Ended[] = []
  for (const job of jobs) {
    const one = await run(job, json ? 'kept' : 'shown')
    ended.push(one)
    if (!json && !one.passed) console.error(`${one.name} failed after ${showDuration(one.ms)}`)
    if (!one.passed) break
  }
  return ended
}

/** A line for each as it ends, with what it printed when it failed, or when that is what one wants to see. */
const allAtOnce = (jobs: readonly Job[], { json }: Flags): Promise<Ended[]> =>
  Promise.all(
    jobs.map(async job => {
      const one = await run(job, 'kept')
      if (json) return one
      if (!one.passed) console.error(one.output)
      else if (job.talks) console.log(one.output)
      console.log(`${one.passed ? 'passed' : 'FAILED'}  ${one.name}  ${showDuration(one.ms)}`)
      return one
    }),
  )

/** Each test file is a process, which would strip the types of all that it loads anew. */
const COMPILED = join(ROOT, 'node_modules/.cache/compiled')

/** Without the environment of an outer test run or another home, which would change what is tested. */
async function run(job: Job, output: 'shown' | 'kept'): Promise<Ended> {
  if (job.inMemory !== true) return spawned(job, output)
  const folder = await mkdtemp(join(tmpdir(), 'inn-m-'))
  try {
    return await spawned(
      { ...job, argv: [join(import.meta.dirname, 'memory.sh'), folder, ...job.argv] },
      output,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function spawned({ name, argv }: Job, output: 'shown' | 'kept'): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _, INNKEEPER_HOME: __, ...env } = process.env
  const started = performance.now()
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: ROOT,
    stdio: output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...env, NODE_COMPILE_CACHE: COMPILED },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const code = await new Promise<number>(resolve => child.on('close', code => resolve(code ?? 1)))
  return { name, passed: code === 0, ms: Math.round(performance.now() - started), output: text }
}
