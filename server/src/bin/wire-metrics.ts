import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Watcher } from '../apps/checks/watcher.ts'
import { PASSWORDS } from '../apps/databases/access.ts'
import { isWatcher } from '../config/watcher-token.ts'
import { readSetting } from '../db/setting.ts'
import { request } from '../drivers/host/http.ts'
import { useOf } from '../drivers/host/use.ts'
import { endSession, sessionsOf } from '../drivers/postgres/activity.ts'
import { withDatabase } from '../drivers/postgres/connect.ts'
import { makeMonitor } from '../drivers/postgres/monitor.ts'
import { slowest } from '../drivers/postgres/statements.ts'
import { MONITOR } from '../drivers/prometheus/services.ts'
import { makeRedisMonitor } from '../drivers/redis/redis.ts'
import { Failure } from '../kernel/failure.ts'
import type { Needs as ActivityNeeds } from '../watch/activity/open.ts'
import { METRICS_WATCHDOG } from '../watch/alerts/watchdog.ts'
import { databaseSizes } from '../watch/metrics/database-sizes.ts'
import { createMetrics } from '../watch/metrics/metrics.ts'
import type { Scraped } from '../watch/metrics/ports.ts'
import type { RoutePorts } from '../watch/metrics/routes.ts'
import type { Needs as StatementNeeds } from '../watch/statements/open.ts'
import type { Keeper } from './wire.ts'
import { givenDatabase } from './wire-address.ts'

type Config = Parameters<typeof createMetrics>[0]['config']

type Wired = Pick<
  RoutePorts,
  'databaseBytes' | 'metrics' | 'config' | 'use' | 'edgeMetrics' | 'body' | 'lag'
> & {
  isWatcher(authorization: string | undefined): Promise<boolean>
}

/** Metrics of the home: what Prometheus asks, and what the keeper tells it. */
export function wireMetrics(keeper: Keeper, watcher: Watcher, config: Config): Wired {
  const { apps, clock, clusters, edge, home, prometheus, store, log } = keeper
  const late = monitorEventLoopDelay({ resolution: 100 })
  if (prometheus !== null) late.enable()
  return {
    metrics: createMetrics({
      ...{ clock, prometheus, apps, clusters, config, log },
      instances: watcher.instances,
      watchdog: async () => (await readSetting(store, METRICS_WATCHDOG)) || null,
      async admit(kind, app, port) {
        const secret = await prometheus!.monitorPassword()
        if (kind === 'postgres') return makeMonitor(clusters.of(app), port, secret)
        const password = (await apps.secrets(app))[PASSWORDS.redis]
        if (password !== undefined) await makeRedisMonitor({ port, password, user: MONITOR, secret })
      },
    }),
    config,
    databaseBytes: databaseSizes(app => databaseBytes(keeper, app), clock),
    use: useOf,
    edgeMetrics: () => edge.metrics(),
    body: bodyOf,
    isWatcher: (authorization: string | undefined) => isWatcher(home, authorization),
    lag() {
      const seconds = late.percentile(99) / 1e9
      late.reset()
      return Number.isFinite(seconds) ? seconds : 0
    },
  }
}

/** What statements cost in the cluster of an app. */
export const statementsOf =
  ({ clusters }: Pick<Keeper, 'clusters'>): StatementNeeds['statements'] =>
  async (app, most) => {
    const cluster = clusters.of(app)
    if ((await cluster.port()) === null) return 'none'
    if (!(await cluster.accepts())) return 'down'
    return (await cluster.superuser(query => slowest(query, most))) ?? 'off'
  }

/** Who is connected to clusters of apps. */
export const activityOf = ({ clusters }: Pick<Keeper, 'clusters'>): ActivityNeeds['activity'] => ({
  async sessions(app) {
    const cluster = clusters.of(app)
    if ((await cluster.port()) === null) return 'none'
    if (!(await cluster.accepts())) return 'down'
    return cluster.superuser(sessionsOf)
  },
  end: (app, session, how) => clusters.of(app).superuser(query => endSession(query, session, how)),
})

/** Of the database that the release which serves is given, wherever that is. null: it has none. */
async function databaseBytes(keeper: Keeper, name: string): Promise<number | null> {
  const url = await givenDatabase(keeper, name)
  if (url === null) return null
  const [row] = await withDatabase(url, query =>
    query('select pg_catalog.pg_database_size(pg_catalog.current_database()) as bytes'),
  )
  return row === undefined ? null : Number(row['bytes'])
}

const MOST_BYTES = 1024 * 1024

async function bodyOf({ app, instance, port, path }: Scraped): Promise<unknown> {
  const headers = { accept: 'application/json' }
  const wanted = { host: '127.0.0.1', port, path, headers, timeoutMs: 8_000, maxBytes: MOST_BYTES }
  try {
    const { status, body } = await request(wanted)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
    return JSON.parse(body) as unknown
  } catch (error) {
    throw new Failure('metrics.app', `${instance} of ${app} does not give its own metrics`, {
      why: error instanceof Error ? error.message : String(error),
      fix: '`metrics:` of the service in innkeeper.yaml names the path, which answers with JSON of 1 MB at most',
    })
  }
}
