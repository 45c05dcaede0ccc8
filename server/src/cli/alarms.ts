import type { Alarm } from '../kernel/wire-alarm.ts'
import { unmarked } from '../kernel/words.ts'
import type { Terminal } from './terminal.ts'

/** Red is bad now; yellow will be when it is forgotten. */
export function showAlarms(alarms: readonly Alarm[], terminal: Terminal): void {
  for (const { level, what, fix } of alarms)
    terminal.print(`${terminal.paint(level === 'late' ? 'red' : 'yellow', what)}\n  fix: ${unmarked(fix)}`)
}
