/** Of how often something may happen: what is left, at a moment in milliseconds since 1970. */
export interface Bucket {
  left: number
  at: number
}

/** How many may come at once, and how many more with each second. */
export interface Rate {
  burst: number
  perSecond: number
}

/**
 * Counts by keys that come from outside. Says whether one more of a key may come; of more keys than `most`, the ones
 * that came least lately are forgotten.
 */
export function countedBy(rate: Rate, most = 10_000) {
  const buckets = new Map<string, Bucket>()
  return (key: string, now: number): boolean => {
    const left = taken(rate, buckets.get(key), now)
    if (left === null) return false
    buckets.delete(key)
    buckets.set(key, left)
    if (buckets.size > most) buckets.delete(buckets.keys().next().value!)
    return true
  }
}

/** What one more leaves; null: there are too many. `bucket`: what was left before; undefined: nothing came yet. */
export function taken({ burst, perSecond }: Rate, bucket: Bucket | undefined, now: number): Bucket | null {
  const before = bucket ?? { left: burst, at: now }
  const left = Math.min(burst, before.left + (Math.max(0, now - before.at) / 1000) * perSecond)
  return left < 1 ? null : { left: left - 1, at: now }
}
