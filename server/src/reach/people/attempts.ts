/** How many failures cost no wait, and how the wait after the next ones grows, in milliseconds. */
interface Bound {
  free: number
  firstMs: number
  mostMs: number
}

/** For one person from one address: a person mistypes a few times. */
const TOGETHER: Bound = { free: 5, firstMs: 1_000, mostMs: 60_000 }
/** For one person from all addresses: it slows down an attacker with many addresses, and never locks the person out. */
const PERSON: Bound = { free: 15, firstMs: 1_000, mostMs: 5_000 }
/** For all persons from one address, which a whole office may share. */
const ADDRESS: Bound = { free: 40, firstMs: 1_000, mostMs: 30_000 }

export const FORGOTTEN_MS = 15 * 60_000
const MOST = 10_000

interface Count {
  failures: number
  last: number
}

export interface Attempt {
  email: string
  /** null: the address does not show who is behind it. */
  address: string | null
}

/**
 * Slows down guessing of passwords. It never locks anybody out: each wait is bounded, and while somebody guesses,
 * another person, or the same person from another address, can still sign in with the right password.
 */
export function signInAttempts(now: () => number) {
  const counts = new Map<string, Count>()
  // Pairs of person and address with an earlier sign-in: guesses from elsewhere do not slow them down.
  const known = new Set<string>()
  const found = (key: string): Count => {
    const count = counts.get(key)
    return count === undefined || now() - count.last > FORGOTTEN_MS ? { failures: 0, last: now() } : count
  }
  const good = (keys: readonly string[]): void => {
    for (const key of keys) {
      const count = counts.get(key)
      if (count !== undefined) count.failures -= 1
    }
    const together = keys[0]!
    counts.delete(together)
    if (known.size < MOST) known.add(together)
  }

  return {
    /** What was counted of a person counts no more. */
    forget(email: string): void {
      const person = email.toLowerCase()
      for (const key of counts.keys()) if (key === person || key.startsWith(`${person} `)) counts.delete(key)
    },
    /** `waitMs`: milliseconds to wait; 0: the attempt may be made, and counts as a failure until `good` is called. */
    begin(attempt: Attempt): { waitMs: number; good(): void } {
      const bounds = boundsOf(attempt, known)
      const at = now()
      const wait = Math.max(...bounds.map(([key, bound]) => waitMs(found(key), bound, at)))
      if (wait > 0) return { waitMs: wait, good() {} }
      for (const [key] of bounds) counts.set(key, { failures: found(key).failures + 1, last: at })
      forget(counts, at)
      return { waitMs: 0, good: () => good(bounds.map(([key]) => key)) }
    },
  }
}

/** What an attempt counts towards; the person together with the address comes first. */
function boundsOf({ email, address }: Attempt, known: ReadonlySet<string>): Array<[string, Bound]> {
  const person = email.toLowerCase()
  const together = `${person} ${address}`
  return [
    [together, TOGETHER],
    ...(known.has(together) ? [] : [[person, PERSON] satisfies [string, Bound]]),
    ...(address === null ? [] : [[` ${address}`, ADDRESS] satisfies [string, Bound]]),
  ]
}

function waitMs(count: Count, { free, firstMs, mostMs }: Bound, now: number): number {
  if (count.failures < free) return 0
  const wait = Math.min(mostMs, firstMs * 2 ** (count.failures - free))
  return Math.max(0, count.last + wait - now)
}

/** Keeps the map small. Entries with the fewest failures are removed first, so that invented names do not push out real targets. */
function forget(counts: Map<string, Count>, at: number): void {
  if (counts.size <= MOST) return
  for (const [key, count] of counts) if (at - count.last > FORGOTTEN_MS) counts.delete(key)
  if (counts.size <= MOST) return
  const weakest = [...counts].sort(([, a], [, b]) => a.failures - b.failures).slice(0, MOST / 2)
  for (const [key] of weakest) counts.delete(key)
}
