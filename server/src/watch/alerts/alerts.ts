import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type AlertEvent, reduce } from './rule.ts'
import type { AlertStore } from './store.ts'

const FRESH_MS = 3_000

interface Options {
  /** The sources of alarms: each noun reports its own. */
  sources(): ReadonlyArray<() => Promise<Alarm[]>>
  store: AlertStore
  clock: Clock
  log(level: string, msg: string, more?: object): void
}

export type Alerts = ReturnType<typeof createAlerts>

/** All alarms of the server. They are cached for a moment, because every status asks for them. */
export function createAlerts({ sources, store, clock, log }: Options) {
  let known: Promise<Alarm[]> = Promise.resolve([])
  let at = Number.NEGATIVE_INFINITY

  function now(): Promise<Alarm[]> {
    if (clock.now() - at > FRESH_MS) {
      at = clock.now()
      known = Promise.all(sources().map(source => source())).then(all => all.flat())
    }
    return known
  }

  return {
    now,
    /** Empties the cache, because a run may have changed the alarms. */
    stale(): void {
      at = Number.NEGATIVE_INFINITY
    },
    /** Writes to the keeper's log which alerts began, got worse or are over; called by a timer. */
    async tick(): Promise<void> {
      const { alerts, events } = reduce(await store.list(), await now(), clock.now())
      for (const event of events) tell(event, log)
      await store.replace(alerts)
    },
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
