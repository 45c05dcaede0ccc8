import { type Alert, type Severity, severityOf } from './alert.ts'
import { type Route, targetsOf } from './due.ts'
import { flapping } from './rule.ts'
import { type Silence, silencedBy } from './silence.ts'

/** What comes within this is told together. */
export const TOGETHER_MS = 5_000
/** What is bad now is not held back for long. */
export const CRITICAL_MS = 3_000
/** A flapping alert is told to be over when it was quiet for so long. */
export const CALM_MS = 10 * 60_000

export interface World {
  alerts: readonly Alert[]
  silences: readonly Silence[]
  /** Apps that are being changed: what is wrong with them is told when that is done. */
  quiet: ReadonlySet<string>
  routes: readonly Route[]
  channels: readonly string[]
  now: number
}

export type Event = 'begun' | 'again' | 'worse' | 'over' | 'stopped'

export interface News {
  alert: Alert
  event: Event
}

export const isBad = ({ event }: News): boolean => event !== 'over' && event !== 'stopped'

export interface Decision {
  /** Alerts that are to be kept as they are here. */
  alerts: Alert[]
  /** For each channel, what it is told in one message. */
  news: ReadonlyMap<string, News[]>
  /** When to decide again, though nothing came meanwhile; null: there is no need. */
  next: number | null
}

/** Alerts that say that all of a host, an instance or an app is gone: what else is wrong there follows from it; `of`: of that alone. */
const CAUSES: ReadonlyArray<{ name: RegExp; same: 'host' | 'instance' | 'app'; of?: RegExp }> = [
  { name: /^(Host|Node|Server)Down$/, same: 'host' },
  { name: /^InstanceDown$/, same: 'instance' },
  {
    ...{ name: /^app\.down$/, same: 'app' },
    of: /^(App(Errors|Slow)|SocketsLost|Instance(Down|Restarts|Memory)|MetricsLost|probe\.failed)$/,
  },
]

const hostOf = ({ labels }: Alert): string | null =>
  labels['host'] ?? labels['instance']?.replace(/:\d+$/, '') ?? null

/** What follows from something goes on for a while after that is over: a rule looks at some minutes. */
export const AFTER_MS = 5 * 60_000

const isCause = ({ labels }: Alert): boolean =>
  CAUSES.some(({ name }) => name.test(labels['alertname'] ?? ''))

/** The alerts that this one follows from: those that fire, and those that ended a moment ago. */
export function inhibitedBy(alert: Alert, all: readonly Alert[], now: number): Alert[] {
  return all.filter(other => {
    const lasts = other.state === 'firing' || (other.overAt !== null && now - other.overAt < AFTER_MS)
    if (!lasts || other.fingerprint === alert.fingerprint) return false
    const cause = CAUSES.find(({ name }) => name.test(other.labels['alertname'] ?? ''))
    if (cause === undefined || cause.of?.test(alert.labels['alertname'] ?? '') === false) return false
    const { same } = cause
    const where = same === 'host' ? hostOf : (one: Alert) => one.labels[same] ?? null
    return where(other) !== null && where(other) === where(alert)
  })
}

/** What goes wrong with the change itself. */
const OF_CHANGE = /^maintenance\.failed$/

/** Why an alert is not told now; null: it is. */
export function mutedBy(
  alert: Alert,
  { alerts, silences, quiet, now }: World,
): 'silence' | 'change' | 'cause' | null {
  if (silencedBy(alert.labels, silences, now).length > 0) return 'silence'
  if (quiet.has(alert.labels['app'] ?? '') && !OF_CHANGE.test(alert.labels['alertname'] ?? ''))
    return 'change'
  return inhibitedBy(alert, alerts, now).length > 0 ? 'cause' : null
}

interface Wish extends News {
  channel: string
  /** When it is to be told at the latest. */
  at: number
}

/** What is to be told now, and what is noted of it. The same world asked again has nothing more to tell. */
export function decide(world: World): Decision {
  const { now } = world
  const looked = world.alerts.map(alert => wishesOf(alert, world))
  const wishes = looked.flatMap(one => one.wishes)
  const moments = [...looked.flatMap(one => one.next ?? []), ...endsOf(world)]
  const first = Math.min(...wishes.map(wish => wish.at))
  if (first > now) {
    const next = Math.min(first, ...moments)
    return { alerts: [], news: new Map(), next: Number.isFinite(next) ? next : null }
  }
  // What is not due yet goes along: a dead host is one message.
  const told = wishes.filter(wish => wish.at <= now + TOGETHER_MS)
  const news = new Map<string, News[]>()
  for (const { channel, alert, event } of told)
    news.set(channel, [...(news.get(channel) ?? []), { alert, event }])
  const later = [...wishes.filter(wish => !told.includes(wish)).map(wish => wish.at), ...moments]
  return { alerts: noted(told, now), news, next: later.length === 0 ? null : Math.min(...later) }
}

/** When silences begin or end, or what followed from something that ended may be told. */
const endsOf = ({ alerts, silences, now }: World): number[] => {
  const causes = alerts.filter(isCause).flatMap(({ overAt }) => (overAt === null ? [] : [overAt + AFTER_MS]))
  return [...silences.flatMap(one => [one.startsAt, one.endsAt]), ...causes].filter(at => at > now)
}

function wishesOf(alert: Alert, world: World): { wishes: Wish[]; next: number | null } {
  if (alert.state !== 'firing') return { wishes: overs(alert, world), next: null }
  if (mutedBy(alert, world) !== null) return { wishes: [], next: null }
  const severity = severityOf(alert.labels)
  const { channels, next } = targetsOf(alert, severity, world)
  const at = alert.openings.at(-1)! + (severity === 'late' ? CRITICAL_MS : TOGETHER_MS)
  const wishes = channels.flatMap((channel): Wish[] => {
    const before = alert.told[channel]
    if (before === undefined)
      return [{ channel, alert, event: alert.openings.length > 1 ? 'again' : 'begun', at }]
    return before.level === 'soon' && severity === 'late'
      ? [{ channel, alert, event: 'worse', at: world.now }]
      : []
  })
  return { wishes, next }
}

/** Whoever was told that it began is told that it is over. */
function overs(alert: Alert, { channels, now }: World): Wish[] {
  const over = alert.overAt ?? now
  const at = over + (flapping(alert, over) ? CALM_MS : TOGETHER_MS)
  const event = alert.state === 'stopped' ? 'stopped' : 'over'
  return Object.keys(alert.told)
    .filter(channel => channels.includes(channel))
    .map(channel => ({ channel, alert, event, at }))
}

function noted(told: readonly Wish[], now: number): Alert[] {
  const changed = new Map<string, Alert>()
  for (const { alert, channel, event } of told) {
    const key = `${alert.source} ${alert.fingerprint}`
    const current = changed.get(key) ?? alert
    const { [channel]: _, ...others } = current.told
    const level: Severity = severityOf(alert.labels)
    const ended = event === 'over' || event === 'stopped'
    changed.set(key, { ...current, told: ended ? others : { ...others, [channel]: { level, at: now } } })
  }
  return [...changed.values()]
}
