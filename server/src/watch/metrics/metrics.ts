import { type App, currentRelease } from '../../apps/app/app.ts'
import { logName } from '../../apps/app/names.ts'
import type { SeenInstance } from '../../apps/app/status.ts'
import { parseApp } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import type { Clock } from '../../kernel/clock.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { ownRulesYaml } from './own-rules.ts'
import type { Measured, Prometheus, Scraped } from './ports.ts'
import { measuredOf } from './targets.ts'

export interface MetricsPorts {
  clock: Clock
  /** null: this home is not measured. */
  prometheus: Prometheus | null
  apps: { all(): Promise<App[]>; ports(): Promise<Map<string, number>> }
  clusters: { apps(): Promise<string[]>; of(app: string): { port(): Promise<number | null> } }
  instances(app: string): Promise<readonly SeenInstance[]>
  config(app: string, release: string): Promise<AppConfig | null>
  /** Makes the role or the user that measures, where it cannot sign in. */
  admit(kind: 'postgres' | 'redis', app: string, port: number): Promise<void>
  /** The address that Prometheus calls each minute; null: none. */
  watchdog(): Promise<string | null>
  log(level: string, msg: string, more?: object): void
}

export type Metrics = ReturnType<typeof createMetrics>

/** How often a cluster or a Redis is seen to let in what measures it. */
const ADMIT_MS = 60_000
/** The same after one that let nobody in: most often it has just been made. */
const AGAIN_MS = 5_000
/** Nothing new for so long is an alarm: eight times nothing was asked. */
const STALE_MS = 120_000
/** Whoever asks what is wrong does not wait longer, and one that hangs would hold back all other alarms. */
const ANSWER_MS = 2_000

/** Keeps Prometheus' list of what it asks as what is deployed. */
export function createMetrics(ports: MetricsPorts) {
  const { prometheus, clock, log } = ports
  const admitted = new Map<string, number>()
  const troubles = new Set<string>()
  let measured: Measured = { clusters: [], redis: [], instances: [], watchdog: null }
  let down = false

  async function admit(
    kind: 'postgres' | 'redis',
    { app, port }: { app: string; port: number },
  ): Promise<void> {
    const key = `${kind} ${app} ${port}`
    if (clock.now() - (admitted.get(key) ?? Number.NEGATIVE_INFINITY) < ADMIT_MS) return
    admitted.set(key, clock.now())
    try {
      await ports.admit(kind, app, port)
      troubles.delete(key)
    } catch (error) {
      admitted.set(key, clock.now() - ADMIT_MS + AGAIN_MS)
      // A server that is stopped lets nobody in. It is said once, and tried again.
      if (!troubles.has(key)) log('info', `${kind} of ${app} is not measured yet: ${describe(error).why}`)
      troubles.add(key)
    }
  }

  async function instancesOf({ name: app }: App): Promise<Scraped[]> {
    const found = (await ports.instances(app)).map(async (one): Promise<Scraped[]> => {
      const config = await ports.config(app, one.release)
      const own = config?.services.find(({ name }) => name === one.service)?.metrics
      if (own === undefined || one.port === null || one.pid === null) return []
      const { service, colour, n, release, port } = one
      const instance = logName({ service, colour, n })
      const { environment } = parseApp(app)
      return [{ app, environment, service, instance, colour, release, port, ...own }]
    })
    return (await Promise.all(found)).flat()
  }

  /** App → its own rules; apps that are stopped have none. */
  async function ownRules(apps: readonly App[]): Promise<Map<string, string>> {
    const rules = new Map<string, string>()
    for (const app of apps) {
      const release = app.state === 'running' ? currentRelease(app) : null
      const own = release === null ? [] : ((await ports.config(app.name, release))?.alerts ?? [])
      if (own.length > 0) rules.set(app.name, ownRulesYaml(app.name, own))
    }
    return rules
  }

  async function silence(prometheus: Prometheus): Promise<Alarm[]> {
    const to = clock.now()
    try {
      const found = await prometheus.range({
        ...{ query: LAST, from: to, to, stepMs: 15_000 },
        timeoutMs: ANSWER_MS,
      })
      down = false
      const last = Math.max(
        0,
        ...found.flatMap(({ points }) => points.map(([, value]) => (value ?? 0) * 1000)),
      )
      // A Prometheus that has just started has asked nothing yet.
      if (last === 0 || to - last < STALE_MS) return []
      return [
        alarm('metrics.stale', 'Prometheus has taken nothing new for two minutes: its disk may be full'),
      ]
    } catch (error) {
      down = true
      const why = error instanceof Failure ? error.why : String(error)
      return [alarm('metrics.down', `Prometheus does not answer, so nothing is measured: ${why}`)]
    }
  }

  return {
    /** Called by a timer. */
    async sync(): Promise<void> {
      if (prometheus === null) return
      const clusters = (await ports.clusters.apps()).map(async app => ({
        app,
        port: await ports.clusters.of(app).port(),
      }))
      const apps = await ports.apps.all()
      const instances = (await Promise.all(apps.map(instancesOf))).flat()
      measured = measuredOf(
        await ports.apps.ports(),
        await Promise.all(clusters),
        instances,
        await ports.watchdog(),
      )
      await Promise.all([
        ...measured.clusters.map(one => admit('postgres', one)),
        ...measured.redis.map(one => admit('redis', one)),
      ])
      await prometheus.measure(measured)
      await prometheus.rules(await ownRules(apps))
    },

    /** The instance that Prometheus asks by way of the keeper; null: it has no such metrics. */
    asked: (app: string, instance: string): Scraped | null =>
      measured.instances.find(one => one.app === app && one.instance === instance && one.format === 'json') ??
      null,

    /** Whether Prometheus did not answer when it was asked last: it hangs, or does not run. */
    isDown: (): boolean => down,

    async alarms(): Promise<Alarm[]> {
      if (prometheus === null) return []
      return [...openTo(prometheus.open()), ...(await silence(prometheus))]
    },
  }
}

const openTo = (why: string | null): Alarm[] =>
  why === null
    ? []
    : [alarm('metrics.open', `every program of this server can read what is measured, of all apps: ${why}`)]

const LAST = 'max(timestamp(last_over_time(up[1h])))'

const alarm = (code: string, what: string): Alarm => ({
  code,
  level: 'soon',
  what,
  fix: '`inn logs prometheus`; `inn status` shows the disk',
})
