import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address } from '../../cli/address.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { Answer, Distant, How } from '../../servers/setup/machine.ts'
import { exec, start } from '../host/exec.ts'
import { probeBy } from '../host/probe.ts'
import { packTree } from './pack.ts'
import { ALONE, atTheEnd, opened, ssh, unreached } from './tunnel.ts'

const LONGEST_MS = 120_000
const BRING_MS = 20 * 60_000
/** Longest wait for a connection from outside. */
const OUTSIDE_MS = 4_000
/** What ssh ends with when it is not the command that ended. */
const OF_SSH = 255

/** Beside, and renamed when it is whole. */
const UNPACK = `set -e
rm -rf "$1.new"
mkdir -p "$1.new"
tar -xzf - --no-same-owner -C "$1.new"
chmod 755 "$1.new"
rmdir "$1" 2>/dev/null || true
mv -T "$1.new" "$1"`

const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])))

interface Way {
  to: Address
  /** What is put before each program: how it becomes root. */
  before: string
  socket: string
}

/** sudo clears the environment, and by which connection we came in has to be known. */
const SUDO = 'sudo -n env SSH_CONNECTION="$SSH_CONNECTION" '

const line = ({ before }: Pick<Way, 'before'>, argv: readonly string[], { env = {} }: How): string => {
  const values = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return before + [...(values.length === 0 ? [] : ['env', ...values]), ...argv].map(quoteShell).join(' ')
}

const shared = ({ to, socket }: Way, command: string): string[] => [
  ...['ssh', '-S', socket, '-o', 'ControlMaster=no'],
  ...(to.port === null ? [] : ['-p', String(to.port)]),
  ...['--', to.destination, command],
]

async function run(way: Way, argv: readonly string[], how: How = {}): Promise<Answer> {
  const { timeoutMs = LONGEST_MS, onLine } = how
  const command = { argv: shared(way, line(way, argv, how)), cwd: '/', env: inherited(), timeoutMs }
  const { code, stdout, tail } = await exec(onLine === undefined ? command : { ...command, onLine })
  if (code === OF_SSH) throw unreached(way.to, telling(tail))
  return { code: code ?? -1, out: stdout, tail }
}

/** Opens one connection for all that is asked of a server. Failure `host.unreachable` with what ssh said. */
export async function openDistant(to: Address, project: string): Promise<Distant> {
  const folder = mkdtempSync(join(tmpdir(), 'inn-ssh-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'master')
  await opened(ssh(to, ['-M', '-S', socket], 'cat'), to, async () => existsSync(socket))
  const plain = { to, before: '', socket }
  const way = { ...plain, before: await becoming(plain) }
  return {
    destination: to.destination,
    exec: (argv, how) => run(way, argv, how),
    all: looks => all(way, looks),
    async read(path) {
      const { code, out } = await run(way, ['cat', '--', path])
      return code === 0 ? out : null
    },
    bring: (target, architecture) => bring(way, { project, folder, target, architecture }),
    afresh: argv => afresh(way, argv),
    open: ports => openOf(to, ports),
  }
}

/** Runs each of its lines, and says with what it ended and how much it printed before that. */
const EACH = `o=$(mktemp)
look() { "$@" >"$o" 2>/dev/null; echo "$? $(wc -c <"$o")"; cat "$o"; }
`

/** One session for all of them: each takes sshd as long as dozens of the programs. */
async function all(way: Way, looks: ReadonlyArray<readonly string[]>): Promise<Array<string | null>> {
  const lines = looks.map(argv => `look ${argv.map(quoteShell).join(' ')}\n`)
  const script = `${EACH}${lines.join('')}rm -f "$o"`
  const { out } = await run(way, ['sh', '-c', script], { env: { LC_ALL: 'C' } })
  return readEach(Buffer.from(out), looks.length)
}

function readEach(bytes: Buffer, most: number): Array<string | null> {
  const found: Array<string | null> = []
  for (let at = 0; found.length < most; ) {
    const end = bytes.indexOf('\n', at)
    const [code, length] = bytes.toString('utf8', at, end).split(' ').map(Number)
    at = end + 1 + length!
    found.push(code === 0 ? bytes.toString('utf8', end + 1, at) : null)
  }
  return found
}

/** How this user becomes root there; it stays who it is when it cannot, which is told later. */
async function becoming(way: Way): Promise<string> {
  if ((await run(way, ['id', '-u'])).out.trim() === '0') return ''
  return (await run(way, ['sudo', '-n', 'true'])).code === 0 ? SUDO : ''
}

interface Bringing {
  project: string
  folder: string
  target: string
  architecture: string
}

async function bring(way: Way, { project, folder, target, architecture }: Bringing): Promise<void> {
  const archive = join(folder, 'innkeeper.tar.gz')
  await packTree(project, architecture, archive)
  const file = await open(archive)
  try {
    const argv = shared(way, line(way, ['sh', '-c', UNPACK, 'sh', target], {}))
    const command = { argv, cwd: '/', env: inherited(), timeoutMs: BRING_MS }
    const { finished } = await start(command, { stdin: file.fd })
    const { code, tail } = await finished
    if (code !== 0)
      throw new Failure('setup.tree', `Innkeeper did not get to ${way.to.destination}`, {
        why: telling(tail),
        fix: 'try again: what arrived of it counts for nothing',
      })
  } finally {
    await file.close()
    rmSync(archive, { force: true })
  }
}

async function afresh(way: Way, argv: readonly string[]): Promise<Answer> {
  const { child, said } = ssh(way.to, ALONE, line(way, argv, {}))
  child.ref()
  const code = await new Promise<number>(resolve => child.once('exit', ended => resolve(ended ?? -1)))
  return { code, out: '', tail: (await said()) ?? '' }
}

/** Asks from here, by the name that ssh takes for the server. */
async function openOf(to: Address, ports: readonly number[]): Promise<readonly number[] | null> {
  const { stdout } = await exec({
    argv: ['ssh', '-G', '--', to.destination],
    cwd: '/',
    env: inherited(),
    timeoutMs: LONGEST_MS,
  })
  const value = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(stdout)?.[1]
  const host = value('hostname')
  if (host === undefined || [value('proxyjump'), value('proxycommand')].some(way => way && way !== 'none'))
    return null
  const probe = probeBy(port => ({ host, port }))
  const found = await Promise.all(
    ports.map(port =>
      probe.tcp(port, OUTSIDE_MS).then(
        () => [port],
        () => [],
      ),
    ),
  )
  return found.flat()
}
