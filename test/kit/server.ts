import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppStatus } from '../../server/src/apps/app/wire.ts'
import { type Client, connectTo } from '../../server/src/cli/client.ts'
import { PENDING, type Pending } from '../../server/src/data/recovery/pending.ts'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { freePartPort } from '../../server/src/drivers/host/ports.ts'
import { processInfo } from '../../server/src/drivers/host/proc.ts'
import { removeLeftAccounts } from '../../server/src/drivers/host/users.ts'
import type { Run } from '../../server/src/engine/wire.ts'
import type { FailureJson } from '../../server/src/kernel/failure.ts'
import type { Status } from '../../server/src/watch/status/wire.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** The result of a command with --json. */
export interface Ended {
  code: number
  /** The JSON document that it printed; for a change, how the run ended. */
  json: Partial<Run> & { failure?: FailureJson | null; run?: string; ms?: number } & Record<string, unknown>
  text: string
}

export interface Order {
  cwd?: string
  env?: Record<string, string>
  /** Its standard input. */
  input?: string
}

/** A home for one test, with real runit, nginx, PostgreSQL and Redis. */
export interface Server {
  home: string
  client: Client
  /** Runs `inn … --json` to its end. */
  inn(args: readonly string[], order?: Order): Promise<Ended>
  /** Starts the same command, which can be watched or interrupted. */
  begin(args: readonly string[], order?: Order): { child: ChildProcess; ended: Promise<Ended> }
  status(): Promise<Status>
  /** The app's status as soon as it satisfies `good`; after the time limit, the last that was seen. */
  app(name: string, good?: (app: AppStatus) => boolean): Promise<AppStatus>
  keeperPid(): Promise<number>
  killKeeper(): Promise<void>
  /** Ends everything and removes the home. */
  remove(): Promise<void>
}

interface Wanted {
  /** The folder to use as home; the caller removes it. Default: a temporary one. */
  at?: string | null
  /** Whether the home has a public port. */
  http?: boolean
  /** Whether it has one for TLS, too. */
  https?: boolean
  /** Run as this user instead of root. */
  uid?: number | null
  /** Capabilities that root does not have, as in a container: `-sys_admin`. */
  capabilities?: string | null
  /** Whether the home is measured: Prometheus and its exporters take a second to start, and memory. */
  metrics?: boolean
  /**
   * Whether the keeper backs up by itself: the first restore point of an app, and with it that of the keeper, takes nine
   * seconds of a processor. Otherwise the home is that of a server which is being recovered, where none is made.
   */
  backups?: boolean
  /** Of `inn up`, and so of the keeper. */
  env?: Record<string, string>
  /** Folder of the Innkeeper that is used; default: this checkout. */
  project?: string
}

/** Of a recovery that has no app to bring back any more. */
const NOTHING_LEFT: Pending = { place: 'none', apps: [], at: 0, since: 0 }

/** Makes a home and runs `inn up`. */
export async function makeServer({
  at = null,
  http = false,
  https = false,
  uid = null,
  capabilities = null,
  metrics = false,
  backups = false,
  env = {},
  project = PROJECT,
}: Wanted = {}): Promise<Server> {
  const home = at ?? (await mkdtemp(join(tmpdir(), 'inn-t-')))
  // Apps run as their own users, who must be able to enter the home.
  await chmod(home, 0o711)
  if (!backups) await writeFile(join(home, PENDING), JSON.stringify(NOTHING_LEFT))
  if (uid !== null) await execOk({ argv: ['chown', '-R', String(uid), home], timeoutMs: 60_000 }, 'chown')
  const client = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'test')
  const begin: Server['begin'] = (args, order = {}) =>
    beginInn({ home, uid, capabilities, project }, args, order)
  const inn: Server['inn'] = (args, order) => begin(args, order).ended
  const status = () => again(() => client.get<Status>('/api/status'))
  const keeperPid = async () => (await readPid(join(home, 'sv/keeper/supervise/pid')))!
  const port = async (wanted: boolean) => (wanted ? String(await freePartPort()) : 'none')
  const ports = { INNKEEPER_HTTP_PORT: await port(http), INNKEEPER_HTTPS_PORT: await port(https) }
  const measured: Record<string, string> = metrics ? {} : { INNKEEPER_METRICS: 'none' }
  const up = await inn(['up'], { env: { ...ports, ...measured, ...env } })
  if (up.code !== 0) throw new Error(`inn up ended with ${up.code}: ${up.text}`)
  return {
    home,
    client,
    inn,
    begin,
    status,
    async app(name, good = () => true) {
      for (const end = Date.now() + 20_000; ; await sleep(150)) {
        const found = (await status()).apps.find(app => app.name === name)!
        if (good(found) || Date.now() > end) return found
      }
    },
    keeperPid,
    killKeeper: async () => void process.kill(await keeperPid(), 'SIGKILL'),
    async remove() {
      await inn(['down', '--yes'])
      // Only users of this home are removed: tests that run at the same time have their own.
      if (at === null) await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
      await removeLeftAccounts(home)
    },
  }
}

/** Repeats `work` until it does not throw, because a killed keeper does not answer for about a second. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 20_000; ; await sleep(100)) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

interface Inner extends Required<Pick<Wanted, 'uid' | 'capabilities' | 'project'>> {
  home: string
}

function beginInn(
  { home, uid, capabilities, project }: Inner,
  args: readonly string[],
  { cwd = '/', env = {}, input }: Order,
) {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env
  // After `inn run`, options belong to the command that it runs, so --json comes first.
  const [command, ...rest] = args
  const asked = command === 'run' ? [command, '--json', ...rest] : [...args, '--json']
  // `--` as in the launcher: without it, Node.js would take --env-file as its own option.
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--',
    join(project, 'server/src/bin/inn.js'),
    ...asked,
  ]
  const less = ['setpriv', `--bounding-set=${capabilities}`, '--inh-caps=-all']
  const [program, ...given] = [...(capabilities === null ? [] : less), process.execPath, ...flags]
  const child = spawn(program!, given, {
    cwd,
    env: { ...own, ...env, INNKEEPER_HOME: home, ...(uid === null ? {} : { HOME: home }) },
    ...(uid === null ? {} : { uid }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  if (input !== undefined) child.stdin!.end(input)
  let text = ''
  let errors = ''
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const ended = new Promise<Ended>(resolve =>
    child.on('close', code => resolve({ code: code ?? -1, json: parse(text), text: text + errors })),
  )
  return { child, ended }
}

/** The one JSON document that a command printed; of anything else an empty one. */
export function parse(text: string): Ended['json'] {
  try {
    return JSON.parse(text) as Ended['json']
  } catch {
    return {}
  }
}

export async function readPid(path: string): Promise<number | null> {
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).trim())
  return pid > 1 && (await processInfo(pid)) !== null ? pid : null
}
