import { wallClock } from '../../kernel/moments.ts'
import type { Alert, Severity } from './alert.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** 1970 began on a Thursday: the first Monday after it. */
const FIRST_MONDAY = 4 * DAY

/** Who is told what, and when. */
export interface Route {
  id: number
  severity: Severity
  channel: string
  /** Only when nobody has acknowledged it for so long; 0: at once. */
  afterMs: number
  /** Minutes of the day, from and to; from later than to: over midnight. null: always. */
  hours: { from: number; to: number } | null
  /** In which of so many weeks, which take turns: on call. null: in each. */
  weeks: { nth: number; of: number } | null
  zone: string
}

/** Whether somebody is there at this moment. */
export function isOn({ hours, weeks, zone }: Route, now: number): boolean {
  const wall = wallClock(now, zone)
  if (weeks !== null && (Math.floor((wall - FIRST_MONDAY) / (7 * DAY)) % weeks.of) + 1 !== weeks.nth)
    return false
  if (hours === null) return true
  const minute = Math.floor((wall % DAY) / MINUTE)
  return hours.from <= hours.to
    ? minute >= hours.from && minute < hours.to
    : minute >= hours.from || minute < hours.to
}

export interface Targets {
  channels: string[]
  /** When there may be others; null: not by itself. */
  next: number | null
}

/**
 * Which channels an alert is for now: the one that its rule names (`errors > 2%: sms`), or those that routes of its
 * severity lead to. Where none of either is there, it is for all.
 */
export function targetsOf(
  alert: Pick<Alert, 'openings' | 'acked' | 'labels'>,
  severity: Severity,
  { routes, channels, now }: { routes: readonly Route[]; channels: readonly string[]; now: number },
): Targets {
  const named = alert.labels['channel']
  if (named !== undefined && channels.includes(named)) return { channels: [named], next: null }
  const own = routes.filter(route => route.severity === severity && channels.includes(route.channel))
  if (own.length === 0) return { channels: [...channels], next: null }
  // What comes again is a new outage, whose steps begin anew.
  const began = alert.openings.at(-1)!
  const open = own.filter(route => route.afterMs === 0 || alert.acked === null)
  const due = open.filter(route => began + route.afterMs <= now)
  const steps = open.map(route => began + route.afterMs).filter(at => at > now)
  // Hours and weeks begin on a minute.
  const waits = due.some(route => !isOn(route, now)) ? [now + MINUTE] : []
  const later = [...steps, ...waits]
  return {
    channels: [...new Set(due.filter(route => isOn(route, now)).map(route => route.channel))],
    next: later.length === 0 ? null : Math.min(...later),
  }
}
