import { join } from 'node:path'
import { look, type Probe } from '../../apps/checks/health.ts'
import { databaseUrl } from '../../apps/databases/cluster.ts'
import { specOf } from '../../apps/deploys/perform-instances.ts'
import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { list } from '../../kernel/words.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import { ownOf } from '../restores/proof.ts'
import type { IsolatedProcess } from './isolation.ts'
import { endSessions, type Of, type Proof } from './level.ts'
import type { DrillPorts } from './ports.ts'
import { isExpected } from './rule.ts'

/** First port of the app's services. In the namespace, only the ports of the database and Redis are taken. */
const FIRST_PORT = 3000
const QUERY_MS = 30_000
const POLL_MS = 100

type Step = Of<'drill.boot'>

/** L5: runs the app's own queries on the copy, then starts its release there. */
export async function bootLevel(ports: DrillPorts, step: Step, context: StepContext): Promise<Proof> {
  const { config } = await ports.releases.get(step.app, step.release)
  const answered = await askAll(ports, step, config)
  const { started, left } = divide(config)
  const unproven = left.map(
    name => `that ${name} works: it was not started, it could act on the outside world`,
  )
  const none = notStarted(config, started)
  if (none !== null) return { state: 'skipped', detail: `${answered}; ${none}`, unproven }
  try {
    const ms = await boot(ports, step, context)
    const { levels } = await ports.drills.get(step.drill)
    const copied = levels.find(level => level.level === 2)?.ms ?? 0
    await ports.drills.measured(step.drill, { rtoMs: copied + ms })
    return {
      detail: `${list(started.map(s => s.name))} healthy after ${showDuration(ms)}; ${answered}`,
      unproven,
    }
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'isolation.none')) throw error
    return { state: 'skipped', detail: `${answered}; ${error.message}: ${error.why}`, unproven }
  }
}

/** Which services are started. Workers and singletons are not: they act by themselves, they send mails and charge cards. */
function divide({ services }: AppConfig) {
  const processes = services.filter(s => s.start !== undefined)
  const started = processes.filter(s => s.kind === 'web' && !s.singleton)
  return { started, left: processes.filter(s => !started.includes(s)).map(s => s.name) }
}

function notStarted({ redis }: AppConfig, started: readonly ServiceConfig[]): string | null {
  if (started.length === 0) return 'no service of it answers requests'
  return typeof redis === 'object' ? 'it was not started: its Redis is elsewhere' : null
}

async function askAll(ports: DrillPorts, step: Step, { backups, database }: AppConfig): Promise<string> {
  const queries = backups.drill === false ? [] : backups.drill.queries
  const access = await ownOf(ports)
  const { socketFolder, port } = await ports.copies.place(step.copy)
  const url = databaseUrl({ ...access, host: encodeURIComponent(socketFolder), port }, database!.role)
  // Functions of the app can remove the limit of their session. A drill that never ends would block all backups.
  const given = new AbortController()
  ports.clock.sleep(QUERY_MS * (queries.length + 1), given.signal).then(
    () => endSessions(ports, step.copy),
    () => {}, // The queries were answered in time.
  )
  const asked = ports.database(url, async query => {
    await query(`set statement_timeout = ${QUERY_MS}`)
    const found: string[] = []
    for (const { sql, expect } of queries) {
      try {
        const value = Object.values((await query(sql))[0] ?? {})[0] ?? null
        if (!isExpected(value, expect)) found.push(`${sql} gives ${value}, not ${expect}`)
      } catch (error) {
        found.push(`${sql}: ${(error as Error).message}`)
      }
    }
    return found
  })
  const wrong = await asked.finally(() => given.abort())
  if (wrong.length === 0)
    return queries.length === 0 ? 'the app has no queries' : `${queries.length} of its queries answered`
  throw new Failure('drill.queries', `the copy does not answer as ${step.app} expects`, {
    why: wrong.join('\n'),
    fix: 'see whether the live database says the same; backups: drill: queries: in innkeeper.yaml has them',
  })
}

/** Starts the services; resolves with the milliseconds until all were healthy. They find the copy at the address of their real database. */
async function boot(ports: DrillPorts, step: Step, { signal, say }: StepContext): Promise<number> {
  const { clock, releases, confined, home } = ports
  const { config } = await releases.get(step.app, step.release)
  const envs = Object.values(await releases.env(step.app, step.release))
  const redis = config.redis === true ? new URL(envs[0]!['REDIS_URL']!) : null
  const real = (await ports.cluster.port())!
  // With a pooler there are two addresses, and a service may be given either.
  const addresses = envs.flatMap(env => env['DATABASE_URL'] ?? [])
  const databases = [...new Set([real, ...addresses.map(url => Number(new URL(url).port))])]
  const free = portsBut([...databases, Number(redis?.port)])
  const services = divide(config).started.map(service => ({ service, port: free.next().value }))
  const own = services.map(({ service, port }) => processOf(ports, step, { service: service.name, port }))
  const processes = [
    ...(redis === null
      ? []
      : [emptyRedis(redis, await confined(step.app, { inside: home.app(step.app).cache, name: 'drill' }))]),
    ...(await Promise.all(own)),
  ]
  const said: string[] = []
  const begun = clock.now()
  await ports.isolation.during(
    {
      ...(await walls(ports, step, databases)),
      processes,
      asked: services.map(s => s.port),
      signal,
      say: line => {
        said.push(line)
        say(line)
      },
    },
    probe => Promise.all(services.map(one => healthy(ports, probe, { ...one, signal, said }))),
  )
  return clock.now() - begun
}

/** What the app finds inside: files of this machine, and the copy at the addresses of the real database and its pooler. */
async function walls({ copies, home }: DrillPorts, { app, copy }: Step, databases: readonly number[]) {
  const { socketFolder, port } = await copies.place(copy)
  const socket = join(socketFolder, `.s.PGSQL.${port}`)
  return {
    at: join(home.copies, app, copy, 'isolated'),
    brought: databases.map(of => ({ port: of, socket })),
    scratch: [home.app(app).root],
    // Real programs listen on sockets there: the database, the keeper, a mail server. The app must not reach them.
    hidden: [home.run, ...['/run', '/var/spool'].filter(folder => !home.root.startsWith(`${folder}/`))],
  }
}

function* portsBut(taken: readonly number[]): Generator<number, never> {
  for (let port = FIRST_PORT; ; port++) if (!taken.includes(port)) yield port
}

async function processOf(
  ports: DrillPorts,
  { app, release }: Step,
  { service, port }: { service: string; port: number },
): Promise<IsolatedProcess> {
  const spec = await specOf(ports, { app, service, colour: 'blue', n: 1, port }, release)
  return { ...spec, name: service }
}

/** An empty Redis. The keys of the restore point are not loaded: the app starts as after a loss of its keys. */
const emptyRedis = ({ port, password }: URL, confinement: Confinement): IsolatedProcess => ({
  name: 'redis',
  argv: ['redis-server', '-'],
  cwd: confinement.inside,
  env: {},
  confinement,
  input: `loglevel warning\nport ${port}\nbind 127.0.0.1\nrequirepass ${password}\nsave ""\nappendonly no\n`,
})

interface Started {
  service: ServiceConfig
  port: number
  signal: AbortSignal
  /** The last lines that the services have printed. */
  said: readonly string[]
}

async function healthy(
  { clock }: DrillPorts,
  probe: Probe,
  { service, port, signal, said }: Started,
): Promise<void> {
  for (const end = clock.now() + service.health.startPeriod; ; await clock.sleep(POLL_MS, signal)) {
    const finding = await look(probe, port, service.health)
    if (finding.ok) return
    if (clock.now() < end) continue
    throw new Failure('drill.unhealthy', `${service.name} does not become healthy on the copy`, {
      why: `${finding.detail}, after ${showDuration(service.health.startPeriod)}\n${telling(said.join('\n'), 6)}`.trim(),
      fix: 'it may need something outside, which a drill keeps from it: let it start without',
    })
  }
}
