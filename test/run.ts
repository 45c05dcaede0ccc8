import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { showDuration } from '../server/src/kernel/durations.ts'
import { EXIT } from '../server/src/kernel/exit.ts'

const ROOT = join(import.meta.dirname, '..')
const PATTERNS = ['server/src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts']
/** Takes minutes, and the packages of five applications: only when asked for. */
const EXAMPLES = ['test/**/*.examples.ts']
const LONGEST_MS = { usual: 600_000, examples: 2_400_000 }

interface Flags {
  json?: boolean
  examples?: boolean
}

interface Job {
  name: string
  argv: string[]
}

/** inn test [pattern]: types, style, then every test whose path has the pattern in it; --examples: the reference apps, deployed. */
export async function runTests(pattern: string | undefined, flags: Flags): Promise<void> {
  const files = (await Array.fromAsync(glob(flags.examples ? EXAMPLES : PATTERNS, { cwd: ROOT })))
    .filter(path => pattern === undefined || path.includes(pattern))
    .sort()
  if (files.length === 0) {
    console.error(`no test has "${pattern}" in its path`)
    process.exitCode = EXIT.usage
    return
  }
  const checks: Job[] =
    pattern === undefined && !flags.examples
      ? [
          bin('typescript/bin/tsc', ['--noEmit']),
          bin('typescript/bin/tsc', ['--noEmit', '-p', 'web']),
          bin('@biomejs/biome/bin/biome', ['check', '.']),
        ]
      : []
  const reporter = flags.json ? ['--test-reporter=tap'] : []
  // Two at a time: the servers that they start want a processor too.
  const tests: Job = {
    name: 'tests',
    argv: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--test',
      '--test-concurrency=2',
      `--test-timeout=${flags.examples ? LONGEST_MS.examples : LONGEST_MS.usual}`,
      ...reporter,
      ...files,
    ],
  }
  for (const job of [...checks, tests]) {
    const started = performance.now()
    const code = await run(job)
    if (code !== 0) {
      console.error(`${job.name} failed after ${showDuration(performance.now() - started)}`)
      process.exitCode = EXIT.failed
      return
    }
  }
}

const bin = (path: string, args: string[]): Job => ({
  name: [relative('.', path), ...args].join(' '),
  argv: [process.execPath, join(ROOT, 'node_modules', path), ...args],
})

/** Without the environment of an outer test run or another home, which would change what is tested. */
function run({ argv }: Job): Promise<number> {
  const { NODE_TEST_CONTEXT: _, INNKEEPER_HOME: __, ...env } = process.env
  return new Promise(resolve => {
    const child = spawn(argv[0]!, argv.slice(1), { cwd: ROOT, stdio: 'inherit', env })
    child.on('close', code => resolve(code ?? 1))
  })
}
