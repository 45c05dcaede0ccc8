import type { Incident } from './incident.ts'
import type { IncidentMonth } from './wire.ts'

/** How fast incidents were noticed, taken in hand and over, by the month in which they were opened (UTC), newest first. */
export function monthsOf(incidents: readonly Incident[]): IncidentMonth[] {
  const resolved = incidents.filter(one => one.resolved !== null)
  const byMonth = Map.groupBy(resolved, ({ openedAt }) => new Date(openedAt).toISOString().slice(0, 7))
  return [...byMonth]
    .map(([month, all]) => ({
      ...{ month, incidents: all.length },
      detectMs: median(all.map(({ openedAt, beganAt }) => openedAt - beganAt)),
      acknowledgeMs: median(
        all.flatMap(({ acked, openedAt }) => (acked === null ? [] : [acked.at - openedAt])),
      ),
      recoverMs: median(all.map(({ resolved: end, beganAt }) => end!.at - beganAt)),
    }))
    .sort((a, b) => b.month.localeCompare(a.month))
}

function median(all: readonly number[]): number | null {
  if (all.length === 0) return null
  const sorted = all.map(one => Math.max(0, one)).sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
