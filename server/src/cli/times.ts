import { parseDuration } from '../kernel/durations.ts'
import { Failure } from '../kernel/failure.ts'
import { showMoment } from '../kernel/moments.ts'

/** A time of the keeper by the clock of this terminal, with its offset: `2026-11-20 10:00:05 +01:00`, as `--to` reads it. */
export const local = (time: string | number): string =>
  showMoment(new Date(time).getTime(), Intl.DateTimeFormat().resolvedOptions().timeZone)

/** The milliseconds that an option says. Failure `usage.duration`. */
export function durationOf(option: string, text: string, example: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new Failure('usage.duration', `${text} is no duration`, {
    why: `${option} takes one`,
    fix: `such as ${example}`,
  })
}
