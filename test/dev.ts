import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { down, up } from '../server/src/bin/tree.ts'
import { connectTo } from '../server/src/cli/client.ts'
import { isFree } from '../server/src/drivers/host/ports.ts'
import { removeAccount } from '../server/src/drivers/host/users.ts'
import { treePid } from '../server/src/drivers/runit/runsvdir.ts'
import { Failure } from '../server/src/kernel/failure.ts'
import { jsonText } from '../server/src/kernel/output.ts'
import type { Person, PersonAnswer } from '../server/src/reach/people/wire.ts'
import { type Part, startPart } from './dev-part.ts'
import { restartOnChange } from './dev-restart.ts'

const PROJECT = join(import.meta.dirname, '..')
const VITE = join(PROJECT, 'node_modules/vite/bin/vite.js')
const FIXTURE = join(PROJECT, 'web/dev/fixture.ts')
const ADMIN = 'dev@example.com'

interface Flags {
  json?: boolean
  fixture?: boolean
}

/** What there is to open, said once when all of it runs. */
interface Opened {
  dashboard: string
  keeper: string
  /** null: the keeper is only pretended. */
  home: string | null
  signIn: string
}

interface Backend {
  opened: Omit<Opened, 'dashboard'>
  /** Ends by itself only when it broke. */
  part: Part | null
  end(): Promise<void>
}

/** inn dev: keeper and dashboard from this checkout, each new as soon as its source changes, until Ctrl-C. */
export async function dev(flags: Flags): Promise<void> {
  const say = (line: string) => void (flags.json || console.log(line))
  const stop = stopped()
  const backend = await (flags.fixture ? pretended() : real(say))
  let dashboard: Part | null = null
  try {
    const port = await freeFrom(5173)
    const url = `http://127.0.0.1:${port}`
    dashboard = await startPart({
      argv: [VITE, 'web', '--port', String(port), '--strictPort', '--clearScreen', 'false'],
      env: { INNKEEPER_URL: backend.opened.keeper },
      url,
    })
    const signIn = backend.opened.signIn.replace(backend.opened.keeper, url)
    tell({ ...backend.opened, dashboard: url, signIn }, flags)
    const broken = [dashboard, backend.part].flatMap(part => (part === null ? [] : [part.broken]))
    await Promise.race([stop, ...broken])
  } finally {
    say('stopping ...')
    await dashboard?.end()
    await backend.end()
  }
}

/** Resolves at Ctrl-C or SIGTERM; the next ones find it stopping already. */
function stopped(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
}

function tell(opened: Opened, { json }: Flags): void {
  if (json) {
    console.log(jsonText(opened))
    return
  }
  console.log(`dashboard  ${opened.dashboard}`)
  console.log(`sign in    ${opened.signIn}`)
  console.log(`keeper     ${opened.keeper}`)
  if (opened.home !== null) console.log(`commands   INNKEEPER_HOME=${opened.home} ./inn status`)
  console.log('Ctrl-C stops all of it')
}

/** `web/dev/fixture.ts`, started again when it changes. */
async function pretended(): Promise<Backend> {
  const port = await freeFrom(7070)
  const keeper = `http://127.0.0.1:${port}`
  const part = await startPart({ argv: ['--watch', FIXTURE], env: { PORT: String(port) }, url: keeper })
  const signIn = `${keeper} as ada@example.com with the password "a dozen letters"`
  return { opened: { keeper, home: null, signIn }, part, end: part.end }
}

/** A home with everything in it: INNKEEPER_HOME, which stays, or a new one, which goes again. */
async function real(say: (line: string) => void): Promise<Backend> {
  const given = process.env['INNKEEPER_HOME']
  const home = given ?? (await realpath(await mkdtemp(join(tmpdir(), 'inn-dev-'))))
  if ((await treePid(home)) !== null)
    throw new Failure('usage.dev', `Innkeeper runs in ${home} already`, {
      why: 'inn dev would take its services over, and end them with Ctrl-C',
      fix: 'unset INNKEEPER_HOME, or name another folder',
    })
  // No port of all interfaces, unless it is asked for.
  process.env['INNKEEPER_HTTP_PORT'] ??= 'none'
  process.env['INNKEEPER_METRICS'] ??= 'none'
  const watching = new AbortController()
  const end = async () => {
    watching.abort()
    await down(home)
    if (given === undefined) await discard(home)
  }
  try {
    // Apps run as users of their own, which must be able to pass.
    if (given === undefined) await chmod(home, 0o711)
    const keeper = `http://127.0.0.1:${(await up(home, () => {})).apiPort}`
    const opened = { keeper, home, signIn: await signInLink(home, keeper) }
    restartOnChange({ project: PROJECT, home, say, signal: watching.signal })
    return { opened, part: null, end }
  } catch (error) {
    await end()
    throw error
  }
}

/** The first person of a new home gets a link; in a home that has people they know their passwords. */
async function signInLink(home: string, url: string): Promise<string> {
  const client = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'dev')
  if ((await client.get<Person[]>('/api/people')).length > 0) return url
  return (await client.post<PersonAnswer>('/api/people', { email: ADMIN, role: 'admin' })).link
}

async function discard(home: string): Promise<void> {
  const apps = await readdir(join(home, 'apps')).catch(() => [])
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  for (const app of apps) await removeAccount(home, app)
}

async function freeFrom(first: number): Promise<number> {
  for (let port = first; ; port++) if (await isFree(port)) return port
}
