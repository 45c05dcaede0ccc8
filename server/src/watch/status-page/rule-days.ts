import type { ComponentState, DayView } from './wire.ts'

const DAY_MS = 86_400_000
/** How many days a page shows. */
export const SHOWN_DAYS = 90
/** A look this long after the one before says nothing of the time between: nobody knew. */
export const GAP_MS = 20_000
/** From so much on a day is one with an outage that people remember. */
const LONG_MS = 15 * 60_000

/** How a component was on a day of UTC. `until`: what lies before it is counted. Times in milliseconds. */
export interface Counts {
  until: number
  known: number
  down: number
  degraded: number
  maintenance: number
  requests: number
  errors: number
}

export const NOTHING: Counts = {
  ...{ until: 0, known: 0, down: 0, degraded: 0, maintenance: 0, requests: 0, errors: 0 },
}

export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** A stretch of time, cut where a day ends. */
export function pieces(from: number, to: number): Array<{ day: string; from: number; to: number }> {
  if (to <= from) return []
  const end = Math.min(to, Math.floor(from / DAY_MS) * DAY_MS + DAY_MS)
  return [{ day: dayOf(from), from, to: end }, ...pieces(end, to)]
}

/**
 * The time between two looks, as it is counted; null: nobody knew. A clock that was put back shows times that were counted
 * already: `counted` leaves those out.
 */
export const between = (last: number | null, now: number): { from: number; to: number } | null =>
  last === null || now <= last || now - last > GAP_MS ? null : { from: last, to: now }

/** The counts of a day after a piece of it in which the component was in a state. */
export function counted(before: Counts, piece: { from: number; to: number }, state: ComponentState): Counts {
  const ms = piece.to - Math.max(piece.from, before.until)
  if (ms <= 0) return before
  const more = (is: boolean) => (is ? ms : 0)
  return {
    ...before,
    until: piece.to,
    known: before.known + more(state !== 'unknown'),
    down: before.down + more(state === 'major'),
    degraded: before.degraded + more(state === 'degraded' || state === 'partial'),
    maintenance: before.maintenance + more(state === 'maintenance'),
  }
}

/** The share of time in which it was not down, of what is known and was no maintenance, from 0 to 1; null: nothing is known. */
export function uptimeOf(days: readonly Counts[]): number | null {
  const sum = (key: 'known' | 'down' | 'maintenance') => days.reduce((all, one) => all + one[key], 0)
  const meant = sum('known') - sum('maintenance')
  return meant <= 0 ? null : 1 - sum('down') / meant
}

/** Rounded down: 100 % is said of nothing that was down. */
export const percent = (share: number): string =>
  `${(Math.floor(share * 10_000 + 1e-6) / 100).toFixed(share === 1 ? 0 : 2)} %`

/** What a day looks like. */
export function stateOfDay({ known, down, degraded, maintenance }: Counts): ComponentState {
  if (known === 0) return 'unknown'
  if (down >= LONG_MS) return 'major'
  if (down > 0) return 'partial'
  if (degraded > 0) return 'degraded'
  return maintenance > 0 ? 'maintenance' : 'operational'
}

/** The days that a page shows, the oldest first; those of which nothing was counted are there, too. */
export function daysOf(of: (day: string) => Counts | undefined, now: number): DayView[] {
  return Array.from({ length: SHOWN_DAYS }, (_, n) => dayOf(now - (SHOWN_DAYS - 1 - n) * DAY_MS)).map(day => {
    const counts = of(day) ?? NOTHING
    const { until: _, ...shown } = counts
    // Of today only what is over can be known.
    const whole = day === dayOf(now) ? Math.max(1, now - Date.parse(day)) : DAY_MS
    return { day, state: stateOfDay(counts), share: Math.min(1, counts.known / whole), ...shown }
  })
}
