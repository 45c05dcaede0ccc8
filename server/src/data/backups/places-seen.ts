import type { Clock } from '../../kernel/clock.ts'
import { describe, Failure } from '../../kernel/failure.ts'

/** Places that are asked at the same time: each takes up to three programs. */
const AT_ONCE = 3
/** Longest wait for a place: a person waits, and the tools try an unreachable bucket for a minute. */
const PATIENCE_MS = 12_000
/** Longest wait of a page that can show what was there before. */
const SOON_MS = 250

interface Ask<T> {
  /** Which place of which owner. */
  key: string
  /** When the keeper last changed something there, in milliseconds since 1970: what was seen before is not shown any more. */
  changedAt: number
  content(): Promise<T>
}

/** What a place held when it was asked, or why it did not tell. `at`: milliseconds since 1970. */
export type PlaceSeen<T> = { at: number } & (
  | { content: T; problem: null }
  | { content: null; problem: string }
)

/** Asks places for what they hold, and remembers it for a page that must not wait for the slowest. */
export function createPlacesSeen<T>(clock: Clock) {
  const seen = new Map<string, PlaceSeen<T>>()
  let going: Promise<void> | null = null

  async function one({ key, content }: Ask<T>): Promise<void> {
    try {
      const told = await inTime(clock, content())
      seen.set(key, { at: clock.now(), content: told, problem: null })
    } catch (error) {
      const { what, why } = describe(error)
      seen.set(key, { at: clock.now(), content: null, problem: `${what}: ${why}` })
    }
  }

  async function look(asks: ReadonlyArray<Ask<T>>): Promise<void> {
    for (let n = 0; n < asks.length; n += AT_ONCE) await Promise.all(asks.slice(n, n + AT_ONCE).map(one))
  }

  const isOld = ({ key, changedAt }: Ask<T>): boolean => (seen.get(key)?.at ?? -1) < changedAt

  /** Asks all of them beside, one round at a time, and waits for what was not seen since it changed. */
  async function lookBeside(asks: ReadonlyArray<Ask<T>>): Promise<void> {
    going ??= look(asks).finally(() => {
      going = null
    })
    await withinMs(clock, going, SOON_MS)
    if (asks.some(isOld)) await going
    // The round may have begun before the change.
    await look(asks.filter(isOld))
  }

  return {
    /** What each place holds now. `soon`: or what it held when it was last asked, if it does not tell at once. */
    async of(asks: ReadonlyArray<Ask<T>>, { soon }: { soon: boolean }): Promise<Array<PlaceSeen<T>>> {
      await (soon ? lookBeside(asks) : look(asks))
      return asks.map(ask => seen.get(ask.key)!)
    },
    /** Forgets all other places. */
    keepOnly(keys: ReadonlySet<string>): void {
      for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key)
    },
  }
}

/** Waits for work, or until the time is over, whichever comes first. */
async function withinMs(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  const given = new AbortController()
  try {
    await Promise.race([work, clock.sleep(ms, given.signal)])
  } finally {
    given.abort(new Error('answered'))
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
