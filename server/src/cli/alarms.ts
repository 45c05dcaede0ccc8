import type { Alarm } from '../kernel/wire-alarm.ts'
import { HOW_BAD, unmarked } from '../kernel/words.ts'
import type { Terminal } from './terminal.ts'

export const COLOURS = { late: 'red', soon: 'yellow' } as const

/** What is critical is bad now; a warning will be when it is forgotten. */
export function showAlarms(alarms: readonly Alarm[], terminal: Terminal): void {
  for (const { level, what, fix } of alarms)
    terminal.print(`${worded(level, what, terminal)}\n  fix: ${unmarked(fix)}`)
}

/** With the word before it: a colour alone is lost in a pipe, and on whoever does not see it. */
export const worded = (level: Alarm['level'], what: string, terminal: Pick<Terminal, 'paint'>): string =>
  terminal.paint(COLOURS[level], `${HOW_BAD[level]}: ${what}`)
