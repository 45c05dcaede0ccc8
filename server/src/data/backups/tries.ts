import { givenUp, isGoodAt } from './missing.ts'
import type { Point } from './point.ts'

type Known = Omit<Point, 'manifest'>

const RETRY_MS = 10 * 60_000

/** Whether a point is meant for a place, or has a part there. */
const covers = (point: Pick<Point, 'parts' | 'places'>, place: string): boolean =>
  point.places.includes(place) || point.parts.some(part => part.place === place)

/** Whether a point was good at a place, and has lost something there since: a try that fails keeps no part at a place that was given up. */
const hasLost = (point: Known, place: string): boolean =>
  givenUp(point).has(place) && point.parts.some(part => part.place === place)

/** Why a point is not good at a place; null: it is. */
function reasonAt(point: Pick<Point, 'state' | 'reason' | 'missing'>, place: string): string | null {
  if (point.state === 'failed') return point.reason
  return point.missing.find(m => m.place === place && givenUp(point).has(place))?.why ?? null
}

/**
 * The last good point at a place, why the last try to make one failed, and how many tries since `since` failed in a row.
 * `points`: newest first.
 */
export function triesAt(
  points: readonly Known[],
  place: string,
  since: number,
): { good: Known | null; reason: string | null; failed: number } {
  const own = points.filter(p => p.kind !== 'deploy' && covers(p, place))
  const ended = own.filter(p => p.state !== 'taking')
  const [last] = ended
  const wellAt = ended.findIndex(p => isGoodAt(p, place))
  return {
    good: own.find(p => isGoodAt(p, place)) ?? null,
    reason: last === undefined ? null : reasonAt(last, place),
    failed: ended
      .slice(0, wellAt === -1 ? undefined : wellAt)
      .filter(p => p.at >= since && !hasLost(p, place)).length,
  }
}

export interface Schedule {
  now: number
  /** When the cluster was created; null: there is none. A try of before was of another one. */
  since: number | null
  /** When the pattern of the schedule is due next after a moment, in milliseconds since 1970; null: never. */
  next(after: number): number | null
  /** Whether the WAL at a place has a gap, which only a new full backup ends. */
  gap(place: string): boolean
}

/** The first place where a backup is due now, and its kind; null: none is. `points`: newest first. */
export function dueAt(
  points: readonly Known[],
  places: readonly string[],
  { now, since, next, gap }: Schedule,
): { place: string; how: 'full' | 'auto' } | null {
  for (const place of places) {
    const tries = points.filter(p => p.kind !== 'deploy' && p.at >= (since ?? 0) && covers(p, place))
    const good = tries.find(p => isGoodAt(p, place))
    // A try with a date in the future came from a wrong clock: how long ago it was is not known.
    const sinceGood = tries.slice(0, good === undefined ? undefined : tries.indexOf(good))
    const recent = sinceGood.filter(p => p.at <= now && now - p.at <= RETRY_MS)
    // What was good and has lost something is made anew at once; a place that loses one after the other has to wait, too.
    if (recent.length > 1 || recent.some(p => !hasLost(p, place))) continue
    const due = next(Math.min(good?.at ?? 0, now)) ?? Number.POSITIVE_INFINITY
    if (good === undefined || due <= now || gap(place)) return { place, how: gap(place) ? 'full' : 'auto' }
  }
  return null
}
