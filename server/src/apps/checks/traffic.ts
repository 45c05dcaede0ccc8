import type { Store } from '../../db/db.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Edge, Traffic, TrafficByRelease } from '../../reach/edge/edge.ts'
import type { AppStore } from '../app/store.ts'
import { quantile, since } from './counters.ts'
import type { Traffic as TrafficView } from './wire.ts'

export const SLOT_SECONDS = 5
const LATELY_MS = 60_000
const KEPT_MS = 3 * 86_400_000

export type TrafficHistory = ReturnType<typeof trafficHistory>

/** Requests, errors and latency of each app in slots of five seconds, kept for three days. */
export function trafficHistory(
  { sql }: Store,
  { apps, edge, clock }: { apps: Pick<AppStore, 'all'>; edge: Pick<Edge, 'traffic'>; clock: Clock },
) {
  const last = new Map<string, TrafficByRelease>()
  // What the edge counted before the keeper began to look belongs to no slot; an app that came later had none before.
  let began = false
  /** App → what was counted in the slots of the last minute. */
  const lately = new Map<string, Array<{ at: number; parts: TrafficByRelease }>>()
  const keep = async (row: Slot & { app: string }): Promise<void> => {
    if (row.requests === 0 && row.errors === 0) return
    await sql
      .insertInto('traffic')
      .values(row)
      .onConflict(c => c.doNothing())
      .execute()
  }

  return {
    /** Reads the edge's counters; called at the end of each slot. */
    async tick(): Promise<void> {
      const at = (Math.round(clock.now() / (SLOT_SECONDS * 1000)) - 1) * SLOT_SECONDS * 1000
      for (const { name } of await apps.all()) {
        const now = await edge.traffic(name)
        const before = last.get(name) ?? (began ? {} : undefined)
        last.set(name, now)
        if (before === undefined) continue
        const parts = difference(now, before)
        const young = (lately.get(name) ?? []).filter(slot => slot.at > at - LATELY_MS)
        lately.set(name, [...young, { at, parts }])
        await keep({ app: name, at, ...summed(Object.values(parts)) })
      }
      began = true
      const old = clock.now() - KEPT_MS
      await sql.deleteFrom('traffic').where('at', '<', old).execute()
    },

    /** What was counted in each slot of the last minute, by service and release. */
    slots: (app: string): ReadonlyArray<{ at: number; parts: TrafficByRelease }> => lately.get(app) ?? [],

    /** Requests to a release of a service in the last minute, and how many of them failed. */
    lately(app: string, service: string, release: string): { requests: number; errors: number } {
      const young = (lately.get(app) ?? []).filter(
        slot => slot.at > clock.now() - LATELY_MS - SLOT_SECONDS * 1000,
      )
      const own = young.flatMap(({ parts }) => parts[`${service}/${release}`] ?? [])
      return {
        requests: own.reduce((sum, part) => sum + part.requests, 0),
        errors: own.reduce((sum, part) => sum + errorsOf(part), 0),
      }
    },

    /** Requests to an app, or to all of them, in slots that began between two moments. */
    async between(app: string | null, from: number, to: number): Promise<Pick<Slot, 'requests' | 'errors'>> {
      const sums = await sql
        .selectFrom('traffic')
        .select(({ fn }) => [
          fn.sum<number | null>('requests').as('requests'),
          fn.sum<number | null>('errors').as('errors'),
        ])
        .$if(app !== null, query => query.where('app', '=', app!))
        .where('at', '>=', from - SLOT_SECONDS * 1000)
        .where('at', '<=', to)
        .executeTakeFirst()
      return { requests: sums?.requests ?? 0, errors: sums?.errors ?? 0 }
    },

    /** The beginnings of slots in which requests of an app failed. */
    async errors(app: string, from: number, to: number): Promise<number[]> {
      const rows = await sql
        .selectFrom('traffic')
        .select('at')
        .where('app', '=', app)
        .where('errors', '>', 0)
        .where('at', '>=', from)
        .where('at', '<=', to)
        .execute()
      return rows.map(({ at }) => at)
    },

    /** Every time slot of the last `minutes`, also the empty ones; without the marks of deploys. */
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
      const starts = Array.from({ length: Math.floor((end - start) / width) }, (_, i) => start + i * width)
      const points = starts.map(at => pointOf(rows, at, width))
      return { slotSeconds: width / 1000, points }
    },
  }
}

interface Slot {
  at: number
  requests: number
  errors: number
  p50: number | null
  p95: number | null
}

/** One point of the chart: the sum of its time slots, and the latency of the busiest slot. */
function pointOf(rows: readonly Slot[], at: number, width: number): Slot {
  const own = rows.filter(r => r.at >= at && r.at < at + width)
  const busiest = own.toSorted((a, b) => b.requests - a.requests)[0]
  return {
    at,
    requests: total(own, 'requests'),
    errors: total(own, 'errors'),
    p50: busiest?.p50 ?? null,
    p95: busiest?.p95 ?? null,
  }
}

const total = (
  rows: ReadonlyArray<{ requests: number; errors: number }>,
  key: 'requests' | 'errors',
): number => rows.reduce((sum, r) => sum + r[key], 0)

const difference = (now: TrafficByRelease, before: TrafficByRelease): TrafficByRelease =>
  Object.fromEntries(
    Object.entries(now).map(([key, traffic]) => [key, since(traffic, before[key] ?? null)] as const),
  )

const errorsOf = ({ status }: Traffic): number => status['5xx'] + status.failed

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
    errors: parts.reduce((sum, p) => sum + errorsOf(p), 0),
    p50: ms(0.5),
    p95: ms(0.95),
  }
}
