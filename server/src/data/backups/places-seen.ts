import type { Clock } from '../../kernel/clock.ts'
import { describe, Failure } from '../../kernel/failure.ts'

/** Places that are asked at the same time: each takes up to three programs. */
const AT_ONCE = 3
/** Of them at one address, so that a bucket that does not answer leaves room for the others. */
const AT_ONE_ADDRESS = 2
/** Longest wait for a place: a person waits, and the tools try an unreachable bucket for a minute. */
const PATIENCE_MS = 12_000
/** How old it may be what a page shows, before the place is asked again. */
const FRESH_MS = 30_000

interface Ask<T> {
  /** Which place of which owner. */
  key: string
  /** Where it is; several owners have places at one address. */
  address: string
  /** When the keeper last changed something there, in milliseconds since 1970. */
  changedAt: number
  content(): Promise<T>
}

type Told<T> = { content: T; problem: null } | { content: null; problem: string }

/**
 * What a place held when it was asked (`at`, in milliseconds since 1970), or why it did not tell. `asking`: it is being
 * asked anew.
 */
export type PlaceSeen<T> = { asking: boolean } & (
  | ({ at: number } & Told<T>)
  | { at: null; content: null; problem: null }
)

/** Asks places for what they hold, and remembers it for pages, which do not wait for any place. */
export function createPlacesSeen<T>(clock: Clock) {
  const seen = new Map<string, { at: number } & Told<T>>()
  const beside = asking<T>(one)

  async function one({ key, content }: Ask<T>): Promise<void> {
    const at = clock.now()
    try {
      seen.set(key, { at, content: await inTime(clock, content()), problem: null })
    } catch (error) {
      const { what, why } = describe(error)
      seen.set(key, { at, content: null, problem: `${what}: ${why}` })
    }
  }

  async function look(asks: ReadonlyArray<Ask<T>>): Promise<void> {
    for (let n = 0; n < asks.length; n += AT_ONCE) await Promise.all(asks.slice(n, n + AT_ONCE).map(one))
  }

  function isOld({ key, changedAt }: Ask<T>): boolean {
    const at = seen.get(key)?.at ?? Number.NEGATIVE_INFINITY
    return at <= changedAt || clock.now() - at > FRESH_MS
  }

  return {
    /** What each place holds now. `soon`: or what it held when it was last asked; what is old is asked for beside. */
    async of(asks: ReadonlyArray<Ask<T>>, { soon }: { soon: boolean }): Promise<Array<PlaceSeen<T>>> {
      if (soon) beside.ask(asks.filter(isOld))
      else await look(asks)
      return asks.map(({ key }) => ({
        ...(seen.get(key) ?? { at: null, content: null, problem: null }),
        asking: beside.has(key),
      }))
    },
    /** Forgets all other places. */
    keepOnly(keys: ReadonlySet<string>): void {
      for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key)
    },
  }
}

/** Asks one place after the other, a few at a time, each once until it has told. */
function asking<T>(one: (ask: Ask<T>) => Promise<void>) {
  const waiting: Array<Ask<T>> = []
  const going = new Set<Ask<T>>()
  /** Asked, and the programs have not ended: those that ask an unreachable bucket go on when nobody waits any more. */
  const unended = new Set<string>()

  function next(): void {
    const busy = (address: string) => [...going].filter(ask => ask.address === address).length
    const at = waiting.findIndex(({ address }) => busy(address) < AT_ONE_ADDRESS)
    if (going.size >= AT_ONCE || at === -1) return
    const [ask] = waiting.splice(at, 1) as [Ask<T>]
    going.add(ask)
    const content = () => {
      unended.add(ask.key)
      return ask.content().finally(() => unended.delete(ask.key))
    }
    // It notes a failure as what was seen.
    void one({ ...ask, content }).finally(() => {
      going.delete(ask)
      next()
    })
    next()
  }

  const has = (key: string): boolean => [...waiting, ...going].some(ask => ask.key === key)
  return {
    has,
    ask(asks: ReadonlyArray<Ask<T>>): void {
      waiting.push(...asks.filter(({ key }) => !has(key) && !unended.has(key)))
      next()
    },
  }
}

async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  const given = new AbortController()
  const late = clock.sleep(PATIENCE_MS, given.signal).then(() => Promise.reject(silent()))
  try {
    return await Promise.race([work, late])
  } finally {
    given.abort(new Error('answered'))
  }
}

const silent = (): Failure =>
  new Failure('backup.place', 'the place does not answer', {
    why: `nothing came within ${PATIENCE_MS / 1000} s`,
    fix: 'check that it can be reached',
  })
