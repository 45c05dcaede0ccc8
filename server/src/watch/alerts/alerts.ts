import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm, AlarmSource } from '../../kernel/wire-alarm.ts'
import { type AlertEvent, reduce } from './rule.ts'
import type { AlertStore } from './store.ts'

const FRESH_MS = 3_000

/** Longest time that one source may take. A frozen database would otherwise hold every status back. */
const SOURCE_MS = 3_000

interface Options {
  /** The sources of alarms: each noun reports its own. */
  sources(): readonly AlarmSource[]
  store: AlertStore
  clock: Clock
  log(level: string, msg: string, more?: object): void
}

interface Look {
  alarms: readonly Alarm[]
  /** Whether every source answered. */
  complete: boolean
}

export type Alerts = ReturnType<typeof createAlerts>

/** All alarms of the server. They are cached for a moment, because every status asks for them. */
export function createAlerts({ sources, store, clock, log }: Options) {
  let last: Promise<Look> = Promise.resolve({ alarms: [], complete: true })
  let at = Number.NEGATIVE_INFINITY

  function look(): Promise<Look> {
    if (clock.now() - at > FRESH_MS) {
      at = clock.now()
      last = Promise.all(sources().map(source => asked(source, clock))).then(all => ({
        alarms: all.flatMap(one => one.alarms),
        complete: all.every(one => one.complete),
      }))
    }
    return last
  }

  return {
    now: async (): Promise<Alarm[]> => [...(await look()).alarms],
    /** Empties the cache, because a run may have changed the alarms. */
    stale(): void {
      at = Number.NEGATIVE_INFINITY
    },
    /** Writes to the keeper's log which alerts began, got worse or are over; called by a timer. */
    async tick(): Promise<void> {
      const [known, { alarms, complete }] = [await store.list(), await look()]
      // Nothing is over while it is not known whether it is.
      const lasting = complete ? alarms : [...alarms, ...known]
      const { alerts, events } = reduce(known, lasting, clock.now())
      for (const event of events) tell(event, log)
      await store.replace(alerts)
    },
  }
}

/** The alarms of one noun. A noun that fails, or does not answer in time, is an alarm itself: the others stay known. */
async function asked({ of, alarms }: AlarmSource, clock: Clock): Promise<Look> {
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

function tell(event: AlertEvent, log: Options['log']): void {
  if (event.type === 'over') {
    log('info', `over: ${event.alert.code}`)
    return
  }
  const { code, level, what, fix } = event.alarm
  log(level === 'late' ? 'error' : 'warn', what, { code, fix })
}
