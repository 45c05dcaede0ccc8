import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { TrafficByRelease } from '../../reach/edge/edge.ts'

/** What was seen of the visitors of an app. Times in milliseconds since 1970. */
export interface Visited {
  /** All requests of all its releases until now. */
  requests: number
  /** When somebody was there last. */
  at: number
}

/** `before`: what was seen the last time; undefined: nothing, and so it counts as visited now. Whoever is connected is there. */
export function visited(before: Visited | undefined, traffic: TrafficByRelease, now: number): Visited {
  const all = Object.values(traffic)
  const requests = all.reduce((sum, one) => sum + one.requests, 0)
  const there = all.some(one => one.active > 0)
  const same = before !== undefined && before.requests === requests && !there
  return same ? before : { requests, at: now }
}

/** Whether an app sleeps now. `after`: milliseconds without a visitor; false: never. */
export const isIdle = ({ at }: Visited, after: number | false, now: number): boolean =>
  after !== false && now - at >= after

const FIRST_MS = 5_000
const LONGEST_MS = 600_000

/** A start that failed. */
export interface Tried {
  at: number
  waitMs: number
}

/** An app that does not start is tried again after 5 s, 10 s … 10 min, however many ask for it. */
export const after = (before: Tried | undefined, now: number): Tried => ({
  at: now,
  waitMs: before === undefined ? FIRST_MS : Math.min(before.waitMs * 2, LONGEST_MS),
})

export const mayTry = (tried: Tried | undefined, now: number): boolean =>
  tried === undefined || now >= tried.at + tried.waitMs

/** Visitors wait for an app that does not start, and get 503. */
export const alarmOf = (app: string): Alarm => ({
  code: 'app.asleep',
  level: 'late',
  what: `${app} sleeps, and did not start when somebody asked for it`,
  fix: `\`inn history ${app}\` says why; \`inn start ${app}\` tries again`,
  app,
})
