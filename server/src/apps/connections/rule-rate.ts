/** Events of one connection that are taken at once, and how many more with each second. */
const BURST = 30
const PER_SECOND = 2

export interface Bucket {
  left: number
  at: number
}

/** What one more event leaves; null: there are too many. */
export function taken(bucket: Bucket | undefined, now: number): Bucket | null {
  const before = bucket ?? { left: BURST, at: now }
  const left = Math.min(BURST, before.left + (Math.max(0, now - before.at) / 1000) * PER_SECOND)
  return left < 1 ? null : { left: left - 1, at: now }
}
