import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Facts, Items, Known, Sources, Span, Subject } from './facts.ts'

/** For so long an answer is given again: everybody who may look at one app may ask for a report, as often as they like. */
const FRESH_MS = 30_000

export type Gather = ReturnType<typeof createGather>

interface Kept {
  at: number
  answer: Promise<readonly unknown[]>
  ended: boolean
}

/**
 * Asks for everything at once, each with a bound. Never rejects: what cannot be had in time says why. It is not asked
 * twice meanwhile, so whoever asks again gets what was begun.
 */
export function createGather(sources: Sources, clock: Clock) {
  const kept = new Map<string, Kept>()

  function answerOf<K extends Subject>(name: K, span: Span): Promise<ReadonlyArray<Items[K]>> {
    const key = `${span.period} ${name}`
    const known = kept.get(key)
    if (known !== undefined && (!known.ended || Math.abs(clock.now() - known.at) <= FRESH_MS))
      return known.answer as Promise<ReadonlyArray<Items[K]>>
    const answer = sources[name](span)
    const one: Kept = { at: clock.now(), answer, ended: false }
    kept.set(key, one)
    answer.then(
      () => Object.assign(one, { at: clock.now(), ended: true }),
      () => kept.delete(key),
    )
    return answer
  }

  async function asked<K extends Subject>(name: K, span: Span, boundMs: number): Promise<Known<Items[K]>> {
    const over = new AbortController()
    const late = clock.sleep(boundMs, over.signal).then((): never => {
      throw new Failure('report.late', 'it took too long', {
        why: `no answer in ${showDuration(boundMs)}, though it may have one by now`,
        fix: '`inn report` asks again',
      })
    })
    late.catch(() => {}) // When the answer came first, nobody waits for this.
    try {
      return { items: await Promise.race([answerOf(name, span), late]) }
    } catch (error) {
      const { what, why } = describe(error)
      return { why: error instanceof Failure ? `${what}: ${why}` : what }
    } finally {
      over.abort()
    }
  }

  return async (span: Span, boundMs: number): Promise<Facts> => {
    const names = Object.keys(sources) as Subject[]
    const found = await Promise.all(names.map(async name => [name, await asked(name, span, boundMs)]))
    return Object.fromEntries(found) as Facts
  }
}
