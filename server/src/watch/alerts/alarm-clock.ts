import type { Clock } from '../../kernel/clock.ts'

/** A sleep goes by a clock that is not stepped, a moment by one that may be. */
const LONGEST_MS = 60_000
const AGAIN_MS = 2_000

/** Does work at the earliest moment that was asked for, and costs nothing while none was. */
export function alarmClock(clock: Clock, work: () => Promise<unknown>) {
  let wanted: number | null = null
  let sleeping: AbortController | null = null
  let runs = false

  async function run(): Promise<void> {
    while (wanted !== null) {
      const left = Math.min(wanted - clock.now(), LONGEST_MS)
      if (left > 0) {
        sleeping = new AbortController()
        await clock.sleep(left, sleeping.signal).catch(() => {})
        sleeping = null
        continue
      }
      wanted = null
      // What keeps it from its work now, a full disk, may be over later.
      await work().catch(() => at(clock.now() + AGAIN_MS))
    }
    runs = false
  }

  function at(moment: number): void {
    if (wanted !== null && wanted <= moment) return
    wanted = moment
    sleeping?.abort()
    if (runs) return
    runs = true
    void run()
  }
  return { at }
}
