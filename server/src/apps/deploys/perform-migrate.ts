import { join } from 'node:path'
import { type AppConfig, type ReleaseStepConfig, serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { type App, other } from '../app/app.ts'
import { programName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { type AppDatabase, type Clusters, type DatabaseAccess, databaseUrl } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import { ownerEnv, resolveMore } from '../releases/environment.ts'
import { hiddenIn } from '../releases/log-rules.ts'
import { migrate, migratedText } from '../releases/migrate.ts'
import type { Guard } from '../releases/migrate-again.ts'
import type { Serves } from '../releases/migrate-failures.ts'
import { ownNames } from '../releases/own-names.ts'
import { builtIn, type Release } from '../releases/release.ts'
import { linkPersistent } from './perform-home.ts'
import { type Managed, managed } from './perform-provide.ts'
import { runPath } from './perform-release.ts'
import type { Machine, Programs, Records } from './ports.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

type MigratePorts = Pick<Records, 'home' | 'releases'> &
  Programs &
  Pick<Machine, 'clock' | 'database'> & {
    apps: Pick<AppStore, 'secrets' | 'find' | 'ports'>
    clusters: Clusters<
      Managed & Pick<AppDatabase, 'limits' | 'blockers' | 'superuser' | 'waitedFor' | 'cancel'>
    >
  }

/** Runs the release step once, in the new release, as the owner of the database. */
export async function migrateRelease(
  ports: MigratePorts,
  step: Of<'release.migrate'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const { config } = release
  await linkPersistent(ports, release, context)
  const cluster = ports.clusters.of(step.app)
  const service = config.release?.service ?? config.services[0]!.name
  const owner = await asOwner(ports, release, { service, context })
  const { access, url, limits } = owner
  const run = async (query: Query | null) =>
    migrate({
      config,
      source: ports.source(ports.home.app(step.app).release(builtIn(release)).tree),
      query,
      limits: access === null ? limits : null,
      serves: servesNow(await ports.apps.find(step.app), step.release),
      run: owner.run,
      blockers: () => (access === null ? Promise.resolve([]) : cluster.blockers(access.name)),
      guard: access === null ? null : guardOf(cluster, access, config),
      sleep: ms => ports.clock.sleep(ms, context.signal),
      tried: release.migrations,
      remember: names => ports.releases.set(step.app, step.release, { migrations: names }),
      say: context.say,
    })
  if (access !== null) await dumpEnded({ clock: ports.clock, cluster }, access.name, context)
  return migratedText(url === null ? await run(null) : await ports.database(url, run), config)
}

/** Cancels a statement of the owner for which the app's own sessions wait. */
const guardOf = (
  cluster: Pick<AppDatabase, 'waitedFor' | 'cancel'>,
  { name, owner }: DatabaseAccess,
  { release }: AppConfig,
): Guard => ({
  mostMs: release?.blockTimeout ?? 10_000,
  waited: () => cluster.waitedFor(name, owner.user),
  cancel: pid => cluster.cancel(pid, owner.user),
})

/** Runs the command that fills the database with examples. Failure `seed.failed`. */
export async function seed(
  ports: MigratePorts,
  step: Of<'release.seed'>,
  context: StepContext,
): Promise<void> {
  const release = await ports.releases.get(step.app, step.release)
  const wanted = release.config.seed!
  const { run } = await asOwner(ports, release, { service: wanted.service, context })
  const { code, signal, tail } = await run({ ...wanted, lockTimeout: 10_000, blockTimeout: 10_000, env: {} })
  if (code === 0) return
  throw new Failure('seed.failed', `${step.command} ended with ${code ?? signal}`, {
    why: telling(tail),
    fix: 'correct what it says, deploy, and seed again; what it wrote before it failed is still there',
  })
}

/** How commands of a release run as the owner of its database, with the environment of a service. */
async function asOwner(
  ports: MigratePorts,
  release: Release,
  { service, context }: { service: string; context: StepContext },
) {
  const { app, config } = release
  const secrets = await ports.apps.secrets(app)
  const access = config.database?.postgres ? await managed(ports, { app }, secrets) : null
  const env = (await ports.releases.env(app, release.id))[service]!
  const url = access === null ? (env['DATABASE_URL'] ?? null) : databaseUrl(access, 'owner')
  const limits = limitsOf(config)
  if (access !== null) await ports.clusters.of(app).limits(access, limits)
  const colour = await nextColour(ports, app, service)
  const own = await ownNames(ports.apps, { app, release: release.id, service, colour }, config)
  const run = (wanted: ReleaseStepConfig) =>
    releaseCommand(ports, release, {
      wanted,
      env: {
        // On our cluster the owner's role carries the limits. On another server PGOPTIONS, which libpq reads, asks for them.
        ...(access === null ? { PGOPTIONS: limitOptions(config) } : {}),
        ...own,
        ...(url === null ? env : ownerEnv(config, service, { env, url })),
        ...resolveMore(wanted.env, { secrets }),
      },
      context,
    })
  return { access, url, limits, run }
}

/** A release that is live already takes its step again only on restored data. */
function servesNow(app: App | null, release: string): Serves {
  const live = Object.values(app?.live ?? {}).map(one => one.release)
  if (live.includes(release)) return 'restored'
  return live.length > 0 && app!.state === 'running' ? 'before' : 'none'
}

/** The colour that a service gets with the release that is being made. */
async function nextColour({ apps }: Pick<MigratePorts, 'apps'>, app: string, service: string) {
  const live = (await apps.find(app))?.live[service]
  return live === undefined ? 'blue' : other(live.colour)
}

/** Waits until no dump runs. pg_dump holds a lock on every table; a migration that waits for that lock would make all queries behind it wait. */
async function dumpEnded(
  ports: Pick<MigratePorts, 'clock'> & { cluster: Pick<AppDatabase, 'superuser'> },
  database: string,
  { say, signal }: StepContext,
): Promise<void> {
  for (let told = false; ; await ports.clock.sleep(1_000, signal)) {
    const [dump] = await ports.cluster.superuser(query =>
      query(
        `select round(extract(epoch from clock_timestamp() - min(backend_start)))::int as seconds
           from pg_stat_activity where datname = $1 and application_name = 'pg_dump' having count(*) > 0`,
        [database],
      ),
    )
    if (dump === undefined) return
    if (!told)
      say(
        `waiting for the dump that reads this database for ${String(dump['seconds'])} s now; inn cancel gives it up`,
      )
    told = true
  }
}

const limitsOf = ({ release }: AppConfig) => ({
  lockMs: release?.lockTimeout ?? 10_000,
  statementMs: release?.timeout ?? 600_000,
})

const limitOptions = (config: AppConfig): string => {
  const { lockMs, statementMs } = limitsOf(config)
  return `-c lock_timeout=${lockMs} -c statement_timeout=${statementMs}`
}

interface ReleaseCommand {
  wanted: ReleaseStepConfig
  env: Record<string, string>
  context: StepContext
}

async function releaseCommand(
  ports: MigratePorts,
  release: Release,
  { wanted, env, context }: ReleaseCommand,
) {
  const { app } = release
  const service = serviceOf(release.config, wanted.service)
  const { root } = ports.home.app(app).release(release.id)
  const { tree } = ports.home.app(app).release(builtIn(release))
  context.say(`$ ${wanted.command.join(' ')}`)
  const said = { ...release.config.env, ...service.env, ...wanted.env }
  return ports.run({
    argv: wanted.command,
    cwd: join(tree, service.root),
    env: {
      ...ports.network,
      ...env,
      HOME: ports.home.app(app).cache,
      PATH: await runPath(ports, { node: service.node, root: join(tree, service.root), tree }),
    },
    confinement: await ports.confined(app, { inside: tree, name: programName(app, 'release') }),
    timeoutMs: wanted.timeout,
    pidFile: join(root, 'release.pid'),
    signal: context.signal,
    onLine: context.say,
    hidden: hiddenIn(said, { ...ports.network, ...env }),
  })
}
