import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { exists, removeTree } from '../../server/src/drivers/host/files.ts'
import { networkEnv } from '../../server/src/drivers/host/network.ts'
import { isRoot } from '../../server/src/drivers/host/proc.ts'
import { runtimes } from '../../server/src/drivers/npm/runtimes.ts'
import { showDuration } from '../../server/src/kernel/durations.ts'
import { EXIT } from '../../server/src/kernel/exit.ts'
import { Failure } from '../../server/src/kernel/failure.ts'
import { allPackages } from '../kit/packages.ts'
import { aptSettings, mirrorIn, repositoriesOf } from './apt.ts'
import { tried } from './table.ts'
import { readTally, TALLY } from './tally.ts'
import type { Versions } from './versions.ts'

const PROJECT = join(import.meta.dirname, '../..')
const ENTER = join(import.meta.dirname, 'enter.sh')
/** test/kit/server.ts */
const RUNTIMES = join(PROJECT, 'node_modules/.cache/innkeeper-test')
/** What the root has besides Debian's own minimum, for a mirror behind https. The launcher has to bring all the rest. */
const BASE = ['ca-certificates']
/** Where the checkout and the tests' own /tmp are in it: enter.sh. */
const TMP = '/tmp'
/** A root that is older is made anew, with the newest packages of its release. */
const FRESH_MS = 30 * 24 * 3_600_000
const LONGEST_MS = { root: 1_200_000, packages: 1_800_000, some: 3_600_000, whole: 10_800_000 }

export interface RootFlags {
  json?: boolean
  examples?: boolean
  quick?: boolean
}

/** inn test --root RELEASE [pattern]: the same tests in a root of another Debian, from which nothing is left. */
export async function testInRoot(
  release: string,
  pattern: string | undefined,
  flags: RootFlags,
): Promise<void> {
  refuseUnlessPossible(release)
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'innkeeper-test')
  const root = join(cache, release)
  await dropLeftOver(cache)
  await ready(root, release)
  const versions = await prepared(root)
  // What builds of apps get, and what tests run, is brought now: the tests have no network.
  const network = networkEnv(process.env)
  await runtimes(RUNTIMES, network).manager('npm', {
    version: null,
    node: Number(process.versions.node.split('.')[0]),
  })
  await allPackages()
  const run = await mkdtemp(join(cache, `run-${process.pid}-`))
  try {
    await chmod(run, 0o1777)
    const whole = pattern === undefined && !flags.examples && !flags.quick
    const timeoutMs = whole || flags.examples ? LONGEST_MS.whole : LONGEST_MS.some
    // Applications take their packages from the network; everything else keeps to itself.
    const order = { root, run, timeoutMs, network: flags.examples ?? false }
    const { code } = await inside(order, 'shown', wanted(pattern, flags))
    if (whole) await tried(PROJECT, versions, await readTally(join(run, 'tally.json')))
    if (code !== 0) process.exitCode = EXIT.failed
  } finally {
    await removeTree(run)
  }
}

/** Removes what a run that was killed has left: a half-made root, and the tests' own /tmp. */
async function dropLeftOver(cache: string): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    const pid = /^run-(\d+)-|\.half-(\d+)$/.exec(name)?.slice(1).find(Boolean)
    if (pid !== undefined && !(await exists(`/proc/${pid}`))) await removeTree(join(cache, name))
  }
}

function refuseUnlessPossible(release: string): void {
  if (!/^[a-z]+$/.test(release))
    throw new Failure('usage.root', `${release} is no name of a release of Debian`, {
      why: 'debootstrap wants its code name',
      fix: 'inn test --root trixie',
    })
  if (!isRoot())
    throw new Failure('usage.root', 'only root can make the root of another system', {
      why: 'debootstrap makes devices, and the tests mounts',
      fix: `sudo ./inn test --root ${release}`,
    })
}

const wanted = (pattern: string | undefined, flags: RootFlags): string[] => [
  ...(['json', 'examples', 'quick'] as const).flatMap(name => (flags[name] ? [`--${name}`] : [])),
  ...(pattern === undefined ? [] : ['--', pattern]),
]

/** Brings the packages, by the launcher, and resolves with their versions. */
async function prepared(root: string): Promise<Versions> {
  const order = { root, run: '-', timeoutMs: LONGEST_MS.packages, network: true }
  const { code, output } = await inside(order, 'kept', ['--versions', '--json'])
  if (code === 0) return JSON.parse(output) as Versions
  throw new Failure('test.root', 'the packages that the tests need did not get into the root', {
    why: 'the lines above say it',
    fix: `try again; if that does not help, rm -rf ${root}, and it is made anew`,
  })
}

/** Makes the root unless there is one that is new enough. */
async function ready(root: string, release: string): Promise<void> {
  const made = await stat(join(root, 'etc/apt/sources.list')).catch(() => null)
  if (made !== null && Date.now() - made.mtimeMs < FRESH_MS) return
  const repositories = await repositoriesOf()
  const half = `${root}.half-${process.pid}`
  console.error(`making a root of Debian ${release} in ${root} ...`)
  try {
    await mkdir(half, { recursive: true })
    const argv = ['debootstrap', '--variant=minbase', `--include=${BASE.join(',')}`, release, half]
    const order = { argv: [...argv, mirrorIn(repositories)], cwd: '/', env: networkEnv(process.env) }
    await execOk({ ...order, timeoutMs: LONGEST_MS.root }, `making a root of Debian ${release}`)
    await aptSettings(half, repositories, release)
    await removeTree(root)
    await rename(half, root)
  } finally {
    await removeTree(half)
  }
}

interface Inside {
  root: string
  /** Folder of this run, or `-`: enter.sh. */
  run: string
  timeoutMs: number
  /** Whether it has the network of the machine, or loopback alone. */
  network: boolean
}

/** Runs `inn test` in the root. `kept`: what it prints to standard output is not shown. */
async function inside(
  { root, run, timeoutMs, network }: Inside,
  output: 'shown' | 'kept',
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const own = ['--mount', '--pid', '--ipc', '--uts', ...(network ? [] : ['--net'])]
  // It ends with us, and what runs inside with it.
  const argv = ['--pdeathsig', 'KILL', 'unshare', ...own, '--fork', '--kill-child', 'bash', ENTER]
  // One at a time brings packages into a root.
  const turn = run === '-' ? ['flock', '--timeout', String(timeoutMs / 1000), `${root}.lock`] : []
  const [program, ...rest] = [...turn, 'setpriv', ...argv, root, PROJECT, run, './inn', 'test', ...args]
  const child = spawn(program!, rest, {
    stdio: ['inherit', output === 'shown' ? 'inherit' : 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: undefined, HOME: '/root', [TALLY]: join(TMP, 'tally.json') },
  })
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const timer = setTimeout(() => {
    console.error(`it did not end within ${showDuration(timeoutMs)}, and was killed`)
    child.kill('SIGKILL')
  }, timeoutMs)
  const code = await new Promise<number>(resolve => child.on('close', code => resolve(code ?? 1)))
  clearTimeout(timer)
  return { code, output: text }
}
