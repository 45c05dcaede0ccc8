import { FAILURES, type FailureKind, type Traffic } from '../../reach/edge/edge.ts'

/** Quantile of a cumulative histogram, as the upper bound of its bucket in seconds; null when nothing was counted. */
export function quantile(traffic: Pick<Traffic, 'seconds'>, q: number): number | null {
  const total = traffic.seconds.at(-1)?.count ?? 0
  if (total === 0) return null
  const bucket = traffic.seconds.find(b => b.count >= total * q)!
  return Number.isFinite(bucket.le) ? bucket.le : (traffic.seconds.at(-2)?.le ?? null)
}

/** What was counted between two readings of the same counters. */
export function since(later: Traffic, earlier: Traffic | null): Traffic {
  if (earlier === null) return later
  const minus = (a: number, b: number) => Math.max(0, a - b)
  const status = Object.fromEntries(
    Object.entries(later.status).map(([k, v]) => [k, minus(v, earlier.status[k as keyof Traffic['status']])]),
  )
  const kinds = (Object.keys(later.failures ?? {}) as FailureKind[])
    .map(kind => [kind, minus(later.failures![kind]!, earlier.failures?.[kind] ?? 0)] as const)
    .filter(([, n]) => n > 0)
  return {
    requests: minus(later.requests, earlier.requests),
    status: status as Traffic['status'],
    seconds: later.seconds.map((b, i) => ({
      le: b.le,
      count: minus(b.count, earlier.seconds[i]?.count ?? 0),
    })),
    active: later.active,
    ...(kinds.length === 0 ? {} : { failures: Object.fromEntries(kinds) }),
  }
}

/** What most of the failed requests failed of, in the edge's words; null: none failed. */
export function causeOf(traffic: Traffic): string | null {
  const [most] = (Object.entries(traffic.failures ?? {}) as Array<[FailureKind, number]>).sort(
    (a, b) => b[1] - a[1],
  )
  return most === undefined ? null : FAILURES[most[0]]
}
