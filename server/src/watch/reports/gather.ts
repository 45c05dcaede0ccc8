import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Facts, Items, Known, Sources, Span, Subject } from './facts.ts'

interface Bound {
  clock: Clock
  /** Longest time that one of them may take. */
  boundMs: number
}

/** Asks for everything at once, each with its bound. Never rejects: what cannot be had says why. */
export async function gather(sources: Sources, span: Span, bound: Bound): Promise<Facts> {
  const names = Object.keys(sources) as Subject[]
  const found = await Promise.all(
    names.map(async name => [name, await asked(sources, name, { span, bound })]),
  )
  return Object.fromEntries(found) as Facts
}

async function asked<K extends Subject>(
  sources: Sources,
  name: K,
  { span, bound: { clock, boundMs } }: { span: Span; bound: Bound },
): Promise<Known<Items[K]>> {
  const over = new AbortController()
  const late = clock.sleep(boundMs, over.signal).then((): never => {
    throw new Failure('report.late', 'it took too long', {
      why: `no answer in ${showDuration(boundMs)}, though it may have one by now`,
      fix: '`inn report` asks again',
    })
  })
  late.catch(() => {}) // When the answer came first, nobody waits for this.
  try {
    return { items: await Promise.race([sources[name](span), late]) }
  } catch (error) {
    const { what, why } = describe(error)
    return { why: error instanceof Failure ? `${what}: ${why}` : what }
  } finally {
    over.abort()
  }
}
