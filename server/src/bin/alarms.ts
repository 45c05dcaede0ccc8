import type { Alarm } from '../data/backups/alarms.ts'
import type { Clock } from '../kernel/clock.ts'

const FRESH_MS = 3_000

interface Options {
  sources: ReadonlyArray<() => Promise<Alarm[]>>
  clock: Clock
  log(level: string, msg: string, more?: object): void
}

/** All alarms of the server. Asked for with every look at the status, so they are remembered for a moment. */
export function alarmWatch({ sources, clock, log }: Options) {
  let known: Promise<Alarm[]> = Promise.resolve([])
  let at = Number.NEGATIVE_INFINITY
  let told = new Set<string>()

  function now(): Promise<Alarm[]> {
    if (clock.now() - at > FRESH_MS) {
      at = clock.now()
      known = Promise.all(sources.map(source => source())).then(all => all.flat())
    }
    return known
  }

  return {
    now,
    /** What a run did may have changed them. */
    stale(): void {
      at = Number.NEGATIVE_INFINITY
    },
    /** Writes what is new into the keeper's log, and what is over; called by a timer. */
    async tick(): Promise<void> {
      const all = await now()
      for (const { code, level, what, fix } of all.filter(a => !told.has(a.code)))
        log(level === 'late' ? 'error' : 'warn', what, { code, fix })
      const current = new Set(all.map(a => a.code))
      for (const code of told) if (!current.has(code)) log('info', `over: ${code}`)
      told = current
    },
  }
}
