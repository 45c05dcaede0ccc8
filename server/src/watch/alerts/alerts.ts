import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Alarm, AlarmSource } from '../../kernel/wire-alarm.ts'
import type { Chart } from '../messages/channel.ts'
import { enqueue } from '../messages/store.ts'
import { alarmClock } from './alarm-clock.ts'
import { type Alert, type Observed, sentenceOf, severityOf } from './alert.ts'
import { askedBy, chartOf, type Series } from './chart.ts'
import { decide, isBad, type News, type World } from './policy.ts'
import { keptSince, missing, observe, sweep } from './rule.ts'
import { createLook, observed } from './sources.ts'
import type { AlertStore } from './store.ts'
import { acknowledgement, contentOf, isBadByLoad } from './words.ts'

export const KEEPER = 'keeper'
/** While an app is being changed, the end of that is looked for so often. */
const CHANGE_MS = 2_000
const CAUSE_MS = 2_000
const CHART_MS = 3_600_000
/** More that wait to be written down are refused, so that whoever sends them tries again. */
const MOST_WAITING = 64

export interface AlertPorts {
  /** The sources of alarms: each noun reports its own. */
  sources(): readonly AlarmSource[]
  store: AlertStore
  messages: {
    channels(): Promise<ReadonlyArray<{ name: string; suppressed: string | null }>>
    wake(): Promise<void>
  }
  clock: Clock
  /** When this keeper was started. */
  started: number
  newId(): string
  /** Apps that are being changed, or were and are not well yet. */
  changing(): Promise<ReadonlySet<string>>
  /** What may have led to it: what changed last, what the app said, each waited for by itself. '' : what is of no app. */
  causes(app: string): ReadonlyArray<Promise<string[]>>
  /** What uses most of the server now. */
  uses(): Promise<string[]>
  /** What was measured, by a query over a time. Rejects when it is not known. */
  measured(query: string, from: number, to: number): Promise<readonly Series[]>
  /** Sources of alerts that are known to be down. */
  down(): Promise<ReadonlySet<string>>
  /** The address of the dashboard; null: none was said. */
  link(): Promise<string | null>
  log(level: string, msg: string, more?: object): void
}

export type Alerts = ReturnType<typeof createAlerts>

/** All that is wrong with this server, from every source; who is told, and that it is written down with the message. */
export function createAlerts(ports: AlertPorts) {
  const { store, clock } = ports
  const look = createLook(ports.sources, clock)
  // One change at a time: a decision is made of what it then writes.
  const turn = inTurns()
  let waiting = 0
  let begun = false
  const { started } = ports
  let taken = 0
  const due = alarmClock(clock, () => turn(() => tell(ports, due.at)))

  /** Takes what a source says. `all`: what it does not name is over. */
  async function take(source: string, seen: readonly Observed[], all: boolean): Promise<void> {
    const [known, now] = [await store.list(), clock.now()]
    const own = new Map(known.filter(one => one.source === source).map(one => [one.fingerprint, one]))
    const changed: Alert[] = []
    for (const one of seen) {
      const before = own.get(one.fingerprint) ?? null
      const after = observe(before, one, { now, source, newId: ports.newId() })
      if (after === null || after === before) continue
      own.set(one.fingerprint, after)
      changed.push(after)
      note(before, after, ports.log)
    }
    const gone = all
      ? missing([...own.values()], new Set(seen.map(one => one.fingerprint)), { now, started })
      : []
    for (const one of gone) note({ ...one, state: 'firing' }, one, ports.log)
    if (changed.length + gone.length === 0) return
    await store.changing(sql => store.keep([...changed, ...gone], sql))
    due.at(now)
  }

  return {
    now: async (): Promise<Alarm[]> => [...(await look.now()).alarms],
    stale: look.stale,
    list: (): Promise<Alert[]> => store.list(),
    /** What may have led to something being wrong with an app, as far as it is known in time. */
    causes: (app: string): Promise<string[]> => causesOf(ports, app),
    world: (): Promise<World> => worldOf(ports),
    /** Looks again who is to be told: a silence, a route or a channel has changed. */
    changed: (): void => due.at(clock.now()),
    /** What another program reports. It is in the store when this resolves. Failure `alerts.down` when too much waits. */
    async push(source: string, seen: readonly Observed[]): Promise<void> {
      if (waiting >= MOST_WAITING) throw overloaded()
      waiting++
      try {
        await turn(() => take(source, seen, false))
      } finally {
        waiting--
      }
    },
    /** Takes the keeper's own alarms, and what passed its end; called by a timer. */
    async tick(): Promise<void> {
      const { n, alarms, complete } = await look.now()
      const down = await ports.down()
      await turn(async () => {
        // Two who look at once come here in any order, and what was seen before does not say that something is over.
        if (n < taken) return
        taken = n
        // Nothing is over while it is not known whether it is.
        await take(KEEPER, observed(alarms), complete)
        const stopped = sweep(await store.list(), down, clock.now())
        if (stopped.length > 0) await store.changing(sql => store.keep(stopped, sql))
        // What a keeper before this one had decided to tell later.
        if (stopped.length > 0 || !begun) due.at(clock.now())
        begun = true
        await store.prune(keptSince(clock.now()))
        await store.pruneSilences(keptSince(clock.now()))
      })
    },
    /** Notes that somebody has it in hand, which ends the escalation; whoever was told of it is told this. */
    acknowledge: (which: (alert: Alert) => boolean, by: string): Promise<Alert[]> =>
      turn(async () => {
        const open = (await store.list()).filter(one => one.state === 'firing' && one.acked === null)
        const acked = open.filter(which).map(one => ({ ...one, acked: { by, at: clock.now() } }))
        const link = await ports.link()
        await store.changing(async sql => {
          await store.keep(acked, sql)
          await enqueue(sql, acknowledgement(acked, by, link), clock.now())
        })
        await ports.messages.wake()
        return acked
      }),
  }
}

async function worldOf({ store, messages, clock, changing }: AlertPorts): Promise<World> {
  const [alerts, silences, routes, channels, quiet] = await Promise.all([
    store.list(),
    store.silences(),
    store.routes(),
    messages.channels(),
    changing(),
  ])
  return { alerts, silences, routes, channels: channels.map(one => one.name), quiet, now: clock.now() }
}

/** Decides, and writes the messages down together with what was decided. */
async function tell(ports: AlertPorts, again: (at: number) => void): Promise<void> {
  const { store, clock } = ports
  const world = await worldOf(ports)
  const { alerts, news, next } = decide(world)
  const firing = world.alerts.some(one => one.state === 'firing')
  if (next !== null) again(next)
  if (world.quiet.size > 0 && firing) again(world.now + CHANGE_MS)
  if (news.size === 0) return
  const apps = new Set([...news.values()].flat().map(({ alert }) => alert.labels['app'] ?? ''))
  const [causes, uses, charts] = await Promise.all([
    Promise.all([...apps].map(async app => [app, await causesOf(ports, app)] as const)),
    [...news.values()].flat().some(isBadByLoad) ? known<string[]>(ports, ports.uses(), []) : [],
    chartsOf(ports, [...news.values()]),
  ])
  const around = { now: world.now, causes: new Map(causes), uses, charts, link: await ports.link() }
  await store.changing(async sql => {
    await store.keep(alerts, sql)
    const drafts = [...news].map(([channel, list]) => ({ channel, content: contentOf(list, around) }))
    await enqueue(sql, drafts, clock.now())
  })
  await ports.messages.wake()
  // What was told may be what something else waited for.
  again(clock.now() + CHANGE_MS)
}

/** Occurrence → picture, for what is wrong first in a message. */
async function chartsOf(ports: AlertPorts, messages: readonly News[][]): Promise<Map<string, Chart>> {
  const first = messages.flatMap(news => news.find(isBad)?.alert ?? [])
  const charts = new Map<string, Chart>()
  for (const { occurrence, url, labels, annotations } of new Set(first)) {
    const asked = askedBy(url)
    if (asked === null) continue
    const to = ports.clock.now()
    const shown = { title: sentenceOf({ labels, annotations }), labels, from: to - CHART_MS, to }
    const found = await known(ports, ports.measured(asked.query, shown.from, to), [])
    const chart = chartOf(asked, found, shown)
    if (chart !== null) charts.set(occurrence, chart)
  }
  return charts
}

/** On a server with too much to do one of them may come late: the others are told all the same. */
const causesOf = async (ports: AlertPorts, app: string): Promise<string[]> =>
  (await Promise.all(ports.causes(app).map(one => known<string[]>(ports, one, [])))).flat()

/** What is known in time: a message without its cause is better than none. */
async function known<T>({ clock }: AlertPorts, found: Promise<T>, otherwise: T): Promise<T> {
  const over = new AbortController()
  const late = clock.sleep(CAUSE_MS, over.signal).then(
    () => otherwise,
    () => otherwise,
  )
  try {
    return await Promise.race([found, late])
  } catch {
    return otherwise
  } finally {
    over.abort()
  }
}

const overloaded = (): Failure =>
  new Failure('alerts.down', 'too many alerts come at once', {
    why: `${MOST_WAITING} requests wait to be written down`,
    fix: 'send them again',
  })

/** Writes to the keeper's log what began, got worse or is over. */
function note(before: Alert | null, after: Alert, log: AlertPorts['log']): void {
  const level = severityOf(after.labels)
  const code = after.labels['alertname']
  if (after.state !== 'firing') {
    if (before?.state === 'firing') log('info', `over: ${code}`)
    return
  }
  const worse = before?.state === 'firing' && severityOf(before.labels) === 'soon' && level === 'late'
  if (before?.state === 'firing' && !worse) return
  log(level === 'late' ? 'error' : 'warn', sentenceOf(after), { code, fix: after.annotations['description'] })
}
