import { clock, clockMinutes } from '../kit/words.ts'

/** The time that a time line shows, in milliseconds since 1970. */
export interface Span {
  from: number
  to: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

const RANGES = [
  { name: 'last day', ms: DAY },
  { name: 'last 7 days', ms: 7 * DAY },
  { name: 'all', ms: Number.POSITIVE_INFINITY },
] as const

export type RangeName = (typeof RANGES)[number]['name']

/** The ranges to choose from: those that are shorter than everything, and everything. Empty when there is no choice. */
export function rangesFor(from: number, now: number): RangeName[] {
  const names = RANGES.filter(({ ms }) => ms < now - from || ms === Number.POSITIVE_INFINITY).map(r => r.name)
  return names.length > 1 ? names : []
}

export function spanOf(from: number, now: number, range: RangeName): Span {
  const { ms } = RANGES.find(r => r.name === range)!
  // At least a minute, so that a span that has just begun has a width.
  return { from: Math.min(Math.max(from, now - ms), now - 60_000), to: now }
}

/** Position of a moment in a span, in percent; a moment outside is at the nearer end. */
export const percent = (at: number, { from, to }: Span): number =>
  Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100))

/** A moment as text, as exact as the length of the span needs. */
export function tick(at: number, { from, to }: Span): string {
  if (to - from < HOUR / 6) return clock(at)
  if (to - from < 20 * HOUR) return clockMinutes(at)
  const day = new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return to - from < 4 * DAY ? `${day} ${clockMinutes(at)}` : day
}
