import { parseDuration, showDuration } from '../kernel/durations.ts'
import { Failure } from '../kernel/failure.ts'
import { showMoment } from '../kernel/moments.ts'

/** A time of the keeper by the clock of this terminal, with its offset: `2026-11-20 10:00:05 +01:00`, as `--to` reads it. */
export const local = (time: string | number): string =>
  showMoment(new Date(time).getTime(), Intl.DateTimeFormat().resolvedOptions().timeZone)

/** Milliseconds; `example` is written as people write it. */
interface Bounds {
  example: string
  least?: number
  most?: number
}

/** The milliseconds that an option says. Failure `usage.duration`. */
export function durationOf(option: string, text: string, { example, least, most }: Bounds): number {
  const ms = text.trim() === '0' ? 0 : parseDuration(text)
  const wrong = (what: string, why: string): Failure =>
    new Failure('usage.duration', `${option} ${text} ${what}`, { why, fix: `write ${option} ${example}` })
  if (ms === null) throw wrong('is no duration', 'a duration is a number and ms, s, m, h or d')
  if (least !== undefined && ms < least)
    throw wrong('is too short', `${option} is ${showDuration(least)} at least`)
  if (most !== undefined && ms > most)
    throw wrong('is too long', `${option} is ${showDuration(most)} at most`)
  return ms
}
