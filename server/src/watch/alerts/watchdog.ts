import { describe } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'

/** Settings of the keeper. '': none. */
export const LINK = 'alerts-link'
export const WATCHDOG = 'alerts-watchdog'
export const METRICS_WATCHDOG = 'alerts-watchdog-metrics'

/** One failed call is a network that blinked. */
const FAILURES = 3

interface Ports {
  address(): Promise<string | null>
  /** Rejects when it does not answer well. */
  call(address: string): Promise<void>
}

/** Tells an address each minute that this keeper lives: who watches notices when that ends. */
export function createWatchdog({ address, call }: Ports) {
  let failures = 0
  let why = ''
  return {
    async tick(): Promise<void> {
      const to = await address()
      if (to === null || to === '') {
        failures = 0
        return
      }
      try {
        await call(to)
        failures = 0
      } catch (error) {
        failures++
        why = describe(error).what
      }
    },
    async alarms(): Promise<Alarm[]> {
      if (failures < FAILURES) return []
      const what = `the watchdog cannot be called: ${why}`
      const fix = '`inn alerts settings` shows its address; until it is called, it takes this server for dead'
      return [{ code: 'watchdog.unreachable', level: 'soon', what, fix }]
    },
  }
}
