import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { serviceOf } from '../../config/config.ts'
import type { Home } from '../../config/home.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import type { App } from '../app/app.ts'
import { type Program, programName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { ownNames } from './own-names.ts'
import type { Release } from './release.ts'
import type { Command, Held, Starter } from './runner.ts'
import type { ReleaseStore } from './store.ts'
import { inTerminal, terminalEnv } from './terminal-argv.ts'
import type { CommandOrder } from './wire-command.ts'

/** What is started in a release's folder with its environment, as the app's user. */
export interface Ordered {
  app: App
  release: Release
  service: string | null
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  database?: CommandOrder['database']
  /** Null: three streams, and no terminal. */
  terminal: CommandOrder['terminal'] | null
}

export interface OneOffOrder extends Ordered {
  signal: AbortSignal
  stdout: Writable
  stderr: Writable
}

/** Starts one command: `inn run`. */
export type OneOff = (order: OneOffOrder) => Promise<Held>

/** The command that is started, for whoever starts it otherwise. `as`: which program of the app it is. */
export type CommandOf = (order: Ordered, as: Program) => Promise<Confined>
type Confined = Required<Pick<Command, 'argv' | 'cwd' | 'env' | 'confinement'>>

export interface OneOffPorts {
  home: Home
  releases: Pick<ReleaseStore, 'env'>
  apps: Pick<AppStore, 'ports'>
  start: Starter
  /** What programs of apps need to reach the network: proxies and certificates. */
  network: Readonly<Record<string, string>>
  /** The parts of a database's URL in the variables that PostgreSQL's own programs read. */
  clientEnv(url: string): Record<string, string>
  /** URL of the app's database or of a copy of it; null: Innkeeper does not run it. Failure `copy.unknown`. */
  address(app: string, database: NonNullable<CommandOrder['database']>): Promise<string | null>
  confined(app: string, at: { inside: string; name: string }): Promise<Confinement>
  path(node: number, root: string, tree: string): Promise<string>
}

const LONGEST = 24 * 3_600_000

/** They read where the database is from variables of their own. Others do not get these: an app's code could heed them. */
const CLIENTS = /^(psql|pg_dump|pg_restore|pgbench)$/

export const oneOff =
  (ports: OneOffPorts): OneOff =>
  async ({ signal, stdout, stderr, ...order }) =>
    ports.start({ ...(await commandOf(ports)(order, 'run')), timeoutMs: LONGEST, signal }, { stdout, stderr })

export const commandOf =
  (ports: Omit<OneOffPorts, 'start'>): CommandOf =>
  async (order, as) => {
    const { app, release, argv, terminal } = order
    const service = serviceOf(release.config, runsIn(order))
    const { tree } = ports.home.app(app.name).release(release.artifacts[service.name]!)
    const cwd = join(tree, service.root)
    return {
      argv: terminal === null || terminal === undefined ? argv : inTerminal(argv, terminal),
      cwd,
      env: {
        ...(await environment(ports, order, service.name)),
        PATH: await ports.path(service.node, cwd, tree),
      },
      confinement: await ports.confined(app.name, { inside: tree, name: programName(app.name, as) }),
    }
  }

/** The service in whose folder a command runs. */
function runsIn({ app, release: { config }, service }: Ordered): string {
  const name = service ?? config.release?.service ?? config.services.find(s => s.start !== undefined)?.name
  if (name !== undefined && config.services.some(s => s.name === name)) return name
  throw new Failure('service.unknown', `${app.name} has no service ${name ?? 'that runs a process'}`, {
    why: 'a command runs in the folder of a service',
    fix: '`inn status` lists the services',
  })
}

async function environment(
  ports: Omit<OneOffPorts, 'start'>,
  { app, release, argv, env, database, terminal }: Ordered,
  service: string,
): Promise<Record<string, string>> {
  const colour = app.live[service]?.colour ?? 'blue'
  const place = { app: app.name, release: release.id, service, colour }
  const own = { ...(await ports.releases.env(app.name, release.id))[service]!, ...env }
  const asked = database === undefined ? null : await ports.address(app.name, database)
  const url = CLIENTS.test(argv[0]!)
    ? (asked ?? own['DIRECT_DATABASE_URL'] ?? own['DATABASE_URL'])
    : undefined
  // Without arguments psql would look for a server on this machine that is none of the app's.
  if (argv.length === 1 && argv[0] === 'psql' && url === undefined) throw noDatabase(app.name)
  return {
    ...ports.network,
    HOME: ports.home.app(app.name).cache,
    ...(url === undefined ? {} : ports.clientEnv(url)),
    ...(await ownNames(ports.apps, place, release.config)),
    ...own,
    ...(terminal ? terminalEnv(terminal.kind) : {}),
  }
}

const noDatabase = (app: string): Failure =>
  new Failure('database.none', `${app} has no database`, {
    why: 'its innkeeper.yaml has no `database:`',
    fix: '`inn env` lists what its services get',
  })
