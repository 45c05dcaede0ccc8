import type { Alert, Observed } from './alert.ts'

const MINUTE = 60_000
/** Opening again within this is the same occurrence. */
export const SAME_MS = 10 * MINUTE
/** So many openings in this time are flapping. */
const FLAPS = 3
const FLAP_MS = 30 * MINUTE
const MOST_OPENINGS = 20
/** How long what is over is kept for people to look at. */
const KEPT_MS = 7 * 24 * 60 * MINUTE

export interface Moment {
  now: number
  source: string
  /** For an occurrence that begins. */
  newId: string
}

/** What one observation makes of an alert. null: there is none, and none begins. */
export function observe(known: Alert | null, seen: Observed, { now, source, newId }: Moment): Alert | null {
  const resolved = seen.endsAt !== null && seen.endsAt <= now
  if (known === null) return resolved ? null : begun(seen, { now, source, newId })
  const { startsAt: _, ...said } = seen
  const current = { ...known, ...said, updatedAt: now }
  if (resolved) return known.state === 'firing' ? { ...current, state: 'over', overAt: now } : known
  if (known.state === 'firing') return saysTheSame(known, current) ? known : current
  if (now - (known.overAt ?? now) >= SAME_MS) return begun(seen, { now, source, newId })
  const openings = [...known.openings, now].slice(-MOST_OPENINGS)
  // Who has it in hand goes on having it as long as nobody was told that it is over. After that it is news that wakes
  // people, and ends with nobody unless somebody takes it again.
  const acked = Object.keys(known.told).length === 0 ? null : known.acked
  return { ...current, state: 'firing', overAt: null, openings, acked }
}

/** Then nothing has to be written. */
const saysTheSame = (one: Alert, other: Alert): boolean =>
  one.endsAt === other.endsAt &&
  one.url === other.url &&
  JSON.stringify([one.labels, one.annotations]) === JSON.stringify([other.labels, other.annotations])

const begun = (seen: Observed, { now, source, newId }: Moment): Alert => ({
  ...seen,
  source,
  state: 'firing',
  occurrence: newId,
  // A clock that is ahead of ours must not put the beginning into the future.
  since: Math.min(seen.startsAt ?? now, now),
  updatedAt: now,
  overAt: null,
  openings: [now],
  told: {},
  acked: null,
})

/** Longest that something must last until the keeper calls it an alarm: it remembers since when in memory alone. */
const LONGEST_DELAY_MS = 150_000

/**
 * What a source that tells all that is wrong does not name any more is over. `started`: when that source was started: what
 * was wrong before may only be not certain again, until it has had the time.
 */
export const missing = (
  known: readonly Alert[],
  seen: ReadonlySet<string>,
  { now, started }: { now: number; started: number },
): Alert[] =>
  known
    .filter(alert => alert.state === 'firing' && !seen.has(alert.fingerprint))
    .filter(alert => alert.openings.at(-1)! >= started || now - started >= LONGEST_DELAY_MS)
    .map(alert => ({ ...alert, state: 'over', overAt: now, updatedAt: now }))

/**
 * Alerts whose time is over without a word of their source. While a source is known to be down they stay: it would be the
 * worst moment to say that all is well.
 */
export const sweep = (known: readonly Alert[], down: ReadonlySet<string>, now: number): Alert[] =>
  known
    .filter(
      one => one.state === 'firing' && one.endsAt !== null && one.endsAt <= now && !down.has(one.source),
    )
    .map(one => ({ ...one, state: 'stopped', overAt: now, updatedAt: now }))

/** Whether it came and went so often that each time is no news. */
export const flapping = ({ openings }: Pick<Alert, 'openings'>, now: number): boolean =>
  openings.filter(at => at > now - FLAP_MS).length >= FLAPS

/** Since when it is over, for whoever needs it no more. */
export const keptSince = (now: number): number => now - KEPT_MS
