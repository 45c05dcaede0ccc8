import { join } from 'node:path'
import type { StepContext } from '../../engine/run.ts'
import { REDIS_LOG, redisName, serverName, slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { accessOf, PASSWORDS } from '../databases/access.ts'
import type { AppDatabase, ClusterLife, Clusters, DatabaseAccess } from '../databases/cluster.ts'
import { makeHome } from './perform-home.ts'
import type { Accounts, Machine, Programs, Records, Sockets, Texts, Trees } from './ports.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

export type Managed = Pick<ClusterLife, 'ensure' | 'port'>

export type PasswordPorts = Pick<Machine, 'random'> & { apps: Pick<AppStore, 'secrets' | 'keepSecrets'> }

/** What a server of an app, beside its cluster, is provided with. */
export type ServerPorts = PasswordPorts &
  Pick<Records, 'home'> &
  Pick<Accounts, 'account'> &
  Pick<Programs, 'confined'> &
  Pick<Sockets, 'holdPorts' | 'probe'> &
  Pick<Machine, 'clock'> & {
    apps: Pick<AppStore, 'givePort'>
    supervisor: Pick<Machine['supervisor'], 'define' | 'start'>
    files: Trees & Pick<Texts, 'write'>
  }

/** The app's secrets. Missing passwords are drawn, and kept before anything is created with them. */
export async function passwords(ports: PasswordPorts, app: string): Promise<Record<string, string>> {
  const known = await ports.apps.secrets(app)
  const missing = Object.values(PASSWORDS).filter(name => known[name] === undefined)
  for (const name of missing) known[name] = ports.random(32)
  if (missing.length > 0) await ports.apps.keepSecrets(app, known)
  return known
}

/** The database in the app's cluster, which is started for it. */
export async function managed(
  ports: { clusters: Clusters<Managed> },
  { app, major }: { app: string; major?: number | undefined },
  secrets: Record<string, string>,
): Promise<DatabaseAccess> {
  const cluster = ports.clusters.of(app)
  await cluster.ensure(undefined, major)
  return accessOf(app, (await cluster.port())!, secrets)
}

export async function provideDatabase(
  ports: PasswordPorts &
    Pick<Sockets, 'holdPorts'> & { clusters: Clusters<Managed & Pick<AppDatabase, 'provide'>> },
  step: Of<'database.provide'>,
  context: StepContext,
): Promise<string> {
  const cluster = ports.clusters.of(step.app)
  await cluster.ensure(context.signal)
  const access = accessOf(step.app, (await cluster.port())!, await passwords(ports, step.app))
  await ports.holdPorts()
  await cluster.provide(access, step.connections)
  return `database ${access.name} on port ${access.port}, roles ${access.owner.user} and ${access.app.user}`
}

export async function provideRedis(ports: ServerPorts, step: Of<'redis.provide'>): Promise<string> {
  await makeHome(ports, step.app)
  const { redis: at, settings, root } = ports.home.app(step.app)
  const account = await ports.account(step.app)
  const secrets = await passwords(ports, step.app)
  const name = redisName(step.app)
  await ports.apps.givePort(name, step.port)
  await ports.holdPorts()
  await ports.files.give(at, account, 0o700)
  const conf = join(settings, 'redis.conf')
  await ports.files.write(
    conf,
    redisConf({ at, port: step.port, password: secrets[PASSWORDS.redis]! }),
    0o600,
  )
  await ports.files.own(conf, account)
  await ports.supervisor.define({
    name,
    argv: ['redis-server', conf],
    cwd: at,
    env: { LANG: 'C.UTF-8' },
    user: null,
    confinement: await ports.confined(step.app, { inside: root, name }),
    log: join(ports.home.app(step.app).logs, REDIS_LOG),
    tag: '-',
    graceSeconds: 30,
  })
  await ports.supervisor.start(name)
  await answers(ports, step.port)
  return `on port ${step.port}`
}

type StartPorts = Pick<Machine, 'clock'> &
  Pick<Sockets, 'probe'> & {
    apps: Pick<AppStore, 'ports'>
    clusters: Clusters<Managed>
    supervisor: Pick<Machine['supervisor'], 'start'>
  }

/** Starts servers that were stopped with their app, and waits until they answer. */
export async function startServers(
  ports: StartPorts,
  { app, servers }: Of<'servers.start'>,
  { signal }: StepContext,
): Promise<void> {
  if (servers.includes('postgres')) await ports.clusters.of(app).ensure(signal)
  for (const name of servers.filter(one => one !== 'postgres').map(one => serverName(app, one))) {
    await ports.supervisor.start(name)
    await answers(ports, (await ports.apps.ports()).get(name)!)
  }
}

/** Stops the servers of an app that sleeps, and what waits for lines of its instances. */
export async function rest(
  { supervisor }: { supervisor: Pick<Machine['supervisor'], 'stop' | 'rest'> },
  { app, servers, slots }: Of<'app.rest'>,
): Promise<void> {
  await Promise.all([
    ...servers.map(server => supervisor.stop(serverName(app, server))),
    ...slots.map(slot => supervisor.rest(slotName(slot))),
  ])
}

const redisConf = ({ at, port, password }: { at: string; port: number; password: string }): string =>
  [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${at}`,
    'appendonly yes',
    'daemonize no',
    'logfile ""',
    '',
  ].join('\n')

/** Waits until something listens there, at most for as long as Redis takes to read what it has kept. */
export async function answers(
  { probe, clock }: Pick<ServerPorts, 'probe' | 'clock'>,
  port: number,
): Promise<void> {
  const until = clock.now() + 15_000
  for (;;) {
    try {
      return await probe.tcp(port, 1_000)
    } catch (error) {
      if (clock.now() > until) throw error
      await clock.sleep(50)
    }
  }
}
