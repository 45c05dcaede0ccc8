import { wallClock } from '../../kernel/moments.ts'
import { clockShows } from '../../kernel/when.ts'
import { rings } from '../messages/channel.ts'
import { LENGTHS } from './facts.ts'
import type { ReportPeriod, ReportSettings } from './wire.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
export const PERIODS = ['day', 'week', 'month'] as const
/** Later than this a report says that it is late. */
const LATE_MS = 30 * MINUTE_MS
/** Who looks back so far finds each day of a month twice. */
const LOOK_BACK_DAYS = 62

export type Schedule = Pick<ReportSettings, ReportPeriod | 'zone'>

/** The last moment until now at which a report was due; null: it never was. */
export function lastDue(period: ReportPeriod, schedule: Schedule, now: number): number | null {
  const text = schedule[period]
  if (text === null) return null
  const time = text.slice(-5)
  const on = text.slice(0, -5).trim()
  const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  const today = Math.floor(wallClock(now, schedule.zone) / DAY_MS) * DAY_MS
  for (let back = 0; back <= LOOK_BACK_DAYS; back++) {
    const day = new Date(today - back * DAY_MS)
    if (on !== '' && on !== DAYS[day.getUTCDay()] && on !== String(day.getUTCDate())) continue
    const at = clockShows(day.getTime() + minutes * MINUTE_MS, schedule.zone)
    if (at <= now) return at
  }
  return null
}

/** `tell`: send it; `pass`: write down that it is over, without a word. `late`: it was due a while ago. */
export interface Act {
  period: ReportPeriod
  dueAt: number
  does: 'tell' | 'pass'
  late: boolean
}

/**
 * Which reports are due. `told`: up to when each was looked after; what was due before is over. A report that is later
 * than half of its period says nothing that the next one does not.
 */
export const due = (schedule: Schedule, told: Readonly<Record<ReportPeriod, number>>, now: number): Act[] =>
  PERIODS.flatMap(period => {
    const dueAt = lastDue(period, schedule, now)
    if (dueAt === null || dueAt <= told[period]) return []
    const over = now - dueAt > LENGTHS[period] / 2
    return [{ period, dueAt, does: over ? 'pass' : 'tell', late: now - dueAt > LATE_MS } as const]
  })

export const settingsFor = (zone: string): ReportSettings => ({
  ...{ day: null, week: 'Mon 08:00', month: null },
  ...{ zone, channels: [] },
})

/** Who gets it. What is named and gone counts for nothing: a report to nobody would be missed by nobody. */
export function channelsFor(
  named: readonly string[],
  all: ReadonlyArray<{ name: string; settings: { kind: string } }>,
): string[] {
  const there = all.filter(({ name }) => named.includes(name))
  const chosen = there.length > 0 ? there : all.filter(one => !rings(one))
  return chosen.map(({ name }) => name)
}
