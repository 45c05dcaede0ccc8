import { randomUUID } from 'node:crypto'
import type { Watcher } from '../apps/checks/watcher.ts'
import type { Store } from '../db/db.ts'
import { keepSetting, readSetting } from '../db/setting.ts'
import { addressed, request } from '../drivers/host/http.ts'
import type { RunRow } from '../engine/journal.ts'
import { showDuration } from '../kernel/durations.ts'
import { showSize } from '../kernel/sizes.ts'
import type { AlarmSource } from '../kernel/wire-alarm.ts'
import { type Alerts, createAlerts } from '../watch/alerts/alerts.ts'
import { alertStore } from '../watch/alerts/store.ts'
import { LINK, METRICS_WATCHDOG, WATCHDOG } from '../watch/alerts/watchdog.ts'
import type { AlertSettings } from '../watch/alerts/wire.ts'
import { isFrame } from '../watch/logs/level.ts'
import { readLogs } from '../watch/logs/read.ts'
import { logSources } from '../watch/logs/sources.ts'
import type { Messages } from '../watch/messages/messages.ts'
import type { Metrics } from '../watch/metrics/metrics.ts'
import type { Group } from '../watch/processes/processes.ts'
import { sentenceOf } from '../watch/processes/rule.ts'
import type { Keeper } from './wire.ts'

/** What changes what serves: while one is under way, its app is expected not to be well. */
const CHANGES = new Set(['deploy', 'rollback', 'switch', 'scale', 'restart', 'stop', 'start', 'restore'])
/** An app that is not well so long after a change has a right to be told of. */
const SETTLED_MS = 5 * 60_000
/** What changed longer ago is hardly the cause. */
const CAUSE_MS = 24 * 3_600_000
/** What the supervision says of an end: what it came from stands before it. */
const RESTARTED = /^error: the process .*; it is started again$/
const ERRORS_MS = 15 * 60_000

/** The address of the dashboard; null: none was said. */
export const linkOf = (store: Store) => async (): Promise<string | null> =>
  (await readSetting(store, LINK)) || null

interface Beside {
  messages: Messages
  sources(): readonly AlarmSource[]
  watcher: Pick<Watcher, 'instances'>
  metrics: Pick<Metrics, 'isDown'>
  busiest(): Promise<Group[]>
  /** Apps on which people work now. */
  closed(): Promise<string[]>
}

export function wireAlerts(
  keeper: Keeper,
  { messages, sources, watcher, metrics, busiest, closed }: Beside,
): Alerts {
  const { store, clock, log, apps, runs, supervisor } = keeper
  const last = (app: string): RunRow | undefined => runs(app, 5).find(run => CHANGES.has(run.plan.kind))
  const alerts = createAlerts({
    ...{ sources, store: alertStore(store), messages, clock, log },
    started: clock.now(),
    newId: () => randomUUID(),
    async changing() {
      const all = await Promise.all(
        (await apps.all()).map(async ({ name }) => ((await isChanging(last(name), name)) ? [name] : [])),
      )
      return new Set([...all.flat(), ...(await closed())])
    },
    causes: app =>
      app === '' ? [] : [Promise.resolve(changeOf(last(app), clock.now())), errorsOf(keeper, app)],
    uses: async () => [sentenceOf(await busiest(), showSize)].filter(one => one !== null),
    async measured(query, from, to) {
      if (keeper.prometheus === null) return []
      return keeper.prometheus.range({ query, from, to, stepMs: 60_000, timeoutMs: 2_000 })
    },
    // Whether one that runs elsewhere is down, nobody here knows.
    async down() {
      const state = await supervisor.state('prometheus')
      const down = state !== null && (state.pid === null || metrics.isDown())
      return new Set(down ? ['prometheus'] : [])
    },
    link: linkOf(store),
  })
  // Who was added while something is wrong is told of it.
  messages.onChannels(alerts.changed)
  return alerts

  async function isChanging(run: RunRow | undefined, app: string): Promise<boolean> {
    if (run === undefined) return false
    if (run.endedAt === null) return true
    // It saw the app well at its end: what goes wrong afterwards is news.
    if (run.outcome === 'done' || run.outcome === 'done-but') return false
    if (clock.now() - run.endedAt > SETTLED_MS) return false
    const seen = await watcher.instances(app)
    return seen.some(({ state }) => state !== 'ready' && state !== 'stopped')
  }
}

function changeOf(run: RunRow | undefined, now: number): string[] {
  if (run === undefined || now - run.startedAt > CAUSE_MS) return []
  const end = run.outcome === null ? 'under way' : run.outcome
  return [
    `Changed last: ${run.plan.title}, by ${run.actor}, ${showDuration(now - run.startedAt)} ago (${end})`,
  ]
}

async function errorsOf(keeper: Keeper, app: string): Promise<string[]> {
  const filter = { level: 'error' as const, sinceMs: ERRORS_MS }
  const all = await readLogs(await logSources(keeper, app), filter, { lines: 60, now: keeper.clock.now() })
  // The line that names the error stands before the frames of its stack, and is said again with each start.
  const heads = all.filter(({ text }) => !isFrame(text) && !RESTARTED.test(text))
  const lines = heads
    .filter(({ text }, n) => heads.findLastIndex(other => other.text === text) === n)
    .slice(-3)
  return lines.map(({ at, service, text }) => `${at.slice(11, 19)} ${service}: ${text.slice(0, 300)}`)
}

/** What the part takes besides. */
export const alertParts = ({ store }: Keeper, messages: Messages) => ({
  alertStore: alertStore(store),
  alertSettings: {
    read: async () => ({
      link: await linkOf(store)(),
      watchdog: (await readSetting(store, WATCHDOG)) || null,
      metricsWatchdog: (await readSetting(store, METRICS_WATCHDOG)) || null,
    }),
    async keep({ link, watchdog, metricsWatchdog }: AlertSettings) {
      await keepSetting(store, LINK, link ?? '')
      await keepSetting(store, WATCHDOG, watchdog ?? '')
      await keepSetting(store, METRICS_WATCHDOG, metricsWatchdog ?? '')
    },
  },
  knownChannel: (name: string) => messages.known(name),
  messages,
  callWatchdog,
  newId: () => randomUUID(),
})

/** Calls an address that notices when nobody calls it any more. Rejects when it does not answer well. */
async function callWatchdog(address: string): Promise<void> {
  const { status } = await request({ ...addressed(address), timeoutMs: 10_000 })
  if (status >= 400) throw new Error(`it answered ${status}`)
}
