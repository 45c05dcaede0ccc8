/** How many failures are free, how the wait after the next ones grows, and when all of them are forgotten. */
interface Bound {
  free: number
  firstMs: number
  mostMs: number
}

/** One person from one address: a person mistypes a few times. */
const TOGETHER: Bound = { free: 5, firstMs: 1_000, mostMs: 60_000 }
/** One person from all addresses: whoever changes addresses is slowed too, and never locks that person out. */
const PERSON: Bound = { free: 15, firstMs: 1_000, mostMs: 5_000 }
/** All persons from one address, behind which an office may sit. */
const ADDRESS: Bound = { free: 40, firstMs: 1_000, mostMs: 30_000 }

const FORGOTTEN_MS = 15 * 60_000
const MOST = 10_000

interface Count {
  failures: number
  last: number
}

export interface Attempt {
  email: string
  /** Null: an address that says nothing of who is behind it. */
  address: string | null
}

export type Attempts = ReturnType<typeof signInAttempts>

/**
 * Slows down whoever guesses passwords. It never locks: each wait has an end, and the right password of another
 * person, or of the same person from another address, is let through while somebody guesses.
 */
export function signInAttempts(now: () => number) {
  const counts = new Map<string, Count>()
  // Who signed in from an address before is held up by no one else's guesses.
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
    /** Milliseconds to wait; 0: it may be tried, and counts as a failure until `good` is called. */
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

/** Bounded: of too many, those with the fewest failures go, so that made-up addresses push nobody out who is guessed at. */
function forget(counts: Map<string, Count>, at: number): void {
  if (counts.size <= MOST) return
  for (const [key, count] of counts) if (at - count.last > FORGOTTEN_MS) counts.delete(key)
  if (counts.size <= MOST) return
  const weakest = [...counts].sort(([, a], [, b]) => a.failures - b.failures).slice(0, MOST / 2)
  for (const [key] of weakest) counts.delete(key)
}
