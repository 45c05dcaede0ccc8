import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

const LONGEST_MS = 5_000

/**
 * Looks up the address of a name, and says so when nobody answers: the system itself goes on asking for 20 seconds, and
 * whoever waits for the request would learn only that it took too long.
 */
export const lookupWithin =
  (lookup: LookupFunction, ms: number): LookupFunction =>
  (name, options, done) => {
    let over = false
    const end: typeof done = (...found) => {
      if (!over) done(...found)
      over = true
    }
    const why = `no DNS server answered within ${ms / 1000} s what the address of ${name} is`
    const late = setTimeout(() => end(new Error(why), ''), ms)
    lookup(name, options, (...found) => {
      clearTimeout(late)
      end(...found)
    })
  }

export const quickLookup: LookupFunction = lookupWithin(lookup as LookupFunction, LONGEST_MS)
