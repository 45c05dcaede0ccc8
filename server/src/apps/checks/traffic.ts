import type { Store } from '../../db/db.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Edge, Traffic, TrafficByRelease } from '../../reach/edge/edge.ts'
import type { Traffic as TrafficView } from '../../watch/status/wire.ts'
import type { AppStore } from '../app/store.ts'
import { quantile, since } from './counters.ts'

export const SLOT_SECONDS = 5
const KEPT_MS = 3 * 86_400_000

export type TrafficHistory = ReturnType<typeof trafficHistory>

/** Requests, errors and latency of each app in slots of five seconds, kept for three days. */
export function trafficHistory(
  { sql }: Store,
  { apps, edge, clock }: { apps: AppStore; edge: Edge; clock: Clock },
) {
  const last = new Map<string, TrafficByRelease>()

  return {
    /** Reads the edge's counters; called at the end of each slot. */
    async tick(): Promise<void> {
      const at = (Math.round(clock.now() / (SLOT_SECONDS * 1000)) - 1) * SLOT_SECONDS * 1000
      for (const { name } of await apps.all()) {
        const now = await edge.traffic(name)
        const before = last.get(name)
        last.set(name, now)
        if (before === undefined) continue
        const parts = Object.entries(now).map(([key, t]) => since(t, before[key] ?? null))
        const row = { app: name, at, ...summed(parts) }
        if (row.requests > 0 || row.errors > 0)
          await sql
            .insertInto('traffic')
            .values(row)
            .onConflict(c => c.doNothing())
            .execute()
      }
      await sql
        .deleteFrom('traffic')
        .where('at', '<', clock.now() - KEPT_MS)
        .execute()
    },

    /** Every slot of the last minutes, empty ones included, without the deploy marks. */
    async window(app: string, minutes: number): Promise<Omit<TrafficView, 'marks'>> {
      const width = SLOT_SECONDS * 1000 * Math.max(1, Math.ceil(minutes / 30))
      const end = Math.floor(clock.now() / width) * width
      const start = end - minutes * 60_000
      const rows = await sql
        .selectFrom('traffic')
        .selectAll()
        .where('app', '=', app)
        .where('at', '>=', start)
        .where('at', '<', end)
        .orderBy('at')
        .execute()
      const points = Array.from({ length: Math.floor((end - start) / width) }, (_, i) => {
        const at = start + i * width
        const own = rows.filter(r => r.at >= at && r.at < at + width)
        const busiest = own.toSorted((a, b) => b.requests - a.requests)[0]
        return {
          at,
          requests: total(own, 'requests'),
          errors: total(own, 'errors'),
          p50: busiest?.p50 ?? null,
          p95: busiest?.p95 ?? null,
        }
      })
      return { slotSeconds: width / 1000, points }
    },
  }
}

const total = (
  rows: ReadonlyArray<{ requests: number; errors: number }>,
  key: 'requests' | 'errors',
): number => rows.reduce((sum, r) => sum + r[key], 0)

function summed(parts: readonly Traffic[]) {
  const seconds = (parts[0]?.seconds ?? []).map((b, i) => ({
    le: b.le,
    count: parts.reduce((sum, p) => sum + (p.seconds[i]?.count ?? 0), 0),
  }))
  const ms = (q: number) => {
    const value = quantile({ seconds }, q)
    return value === null ? null : value * 1000
  }
  return {
    requests: parts.reduce((sum, p) => sum + p.requests, 0),
    errors: parts.reduce((sum, p) => sum + p.status['5xx'] + p.status.failed, 0),
    p50: ms(0.5),
    p95: ms(0.95),
  }
}
