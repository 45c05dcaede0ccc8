import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm, AlarmSource } from '../../kernel/wire-alarm.ts'
import { HOW_BAD } from '../../kernel/words.ts'
import { fingerprintOf, type Observed } from './alert.ts'

const FRESH_MS = 3_000

/** Longest time that one source may take. A frozen database would otherwise hold every status back. */
const SOURCE_MS = 3_000

export interface Look {
  /** Grows with each look. */
  n: number
  alarms: readonly Alarm[]
  /** Whether every source answered. */
  complete: boolean
}

/** The alarms of all nouns. They are cached for a moment, because every status asks for them. */
export function createLook(sources: () => readonly AlarmSource[], clock: Clock) {
  let last: Promise<Look> = Promise.resolve({ n: 0, alarms: [], complete: true })
  let looks = 0
  let at = Number.NEGATIVE_INFINITY
  return {
    now(): Promise<Look> {
      if (Math.abs(clock.now() - at) > FRESH_MS) {
        at = clock.now()
        const n = ++looks
        last = Promise.all(sources().map(source => asked(source, clock))).then(all => ({
          n,
          alarms: all.flatMap(one => one.alarms),
          complete: all.every(one => one.complete),
        }))
      }
      return last
    },
    /** Empties the cache, because a run may have changed the alarms. */
    stale(): void {
      at = Number.NEGATIVE_INFINITY
    },
  }
}

/** The alarms of one noun. A noun that fails, or does not answer in time, is an alarm itself: the others stay known. */
async function asked({ of, alarms }: AlarmSource, clock: Clock): Promise<Omit<Look, 'n'>> {
  const over = new AbortController()
  const late = clock.sleep(SOURCE_MS, over.signal).then((): never => {
    throw new Failure('alarms.late', 'it took too long', {
      why: `no answer in ${showDuration(SOURCE_MS)}`,
      fix: '`inn status` shows which part does not answer',
    })
  })
  late.catch(() => {}) // When the alarms came first, nobody waits for this.
  try {
    return { alarms: await Promise.race([alarms(), late]), complete: true }
  } catch (error) {
    const { what, why } = describe(error)
    const because = error instanceof Failure ? `${what}: ${why}` : what
    const alarm: Alarm = {
      code: 'alarms.unknown',
      level: 'late',
      what: `whether ${of} has alarms is not known: ${because}`,
      fix: '`inn logs keeper -n 50` shows more',
    }
    return { alarms: [alarm], complete: false }
  } finally {
    over.abort()
  }
}

/** Alarms of the keeper as any source tells alerts. Those with the same code and name, of the same app, are one: the worst stands for them. */
export function observed(alarms: readonly Alarm[]): Observed[] {
  const worst = new Map<string, Observed>()
  for (const { code, level, what, fix, app, name } of alarms) {
    const identity = {
      alertname: code,
      ...(app === undefined ? {} : { app }),
      ...(name === undefined ? {} : { name }),
    }
    // How bad it is changes while it stays the same alert.
    const fingerprint = fingerprintOf(identity)
    if (worst.get(fingerprint)?.labels['severity'] === 'critical') continue
    worst.set(fingerprint, {
      fingerprint,
      labels: { ...identity, severity: HOW_BAD[level] },
      annotations: { summary: what, description: fix },
      url: null,
      startsAt: null,
      endsAt: null,
    })
  }
  return [...worst.values()]
}
