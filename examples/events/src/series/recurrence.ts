import { DateTime } from 'luxon'
import rrule from 'rrule'

export interface Schedule {
  rrule: string
  /** What the clock on the wall says at the first event, in the fields of UTC. */
  startsAt: Date
  /** An IANA name. */
  timezone: string
}

const DAY = 24 * 60 * 60 * 1000
const WEEKDAY = '(MO|TU|WE|TH|FR|SA|SU)'
const list = (item: string) => new RegExp(`^${item}(,${item})*$`)
const NUMBERS = list('[+-]?[1-9]\\d{0,2}')

/**
 * Checked here, because the library takes what it does not understand for something else. Nothing within a day is
 * allowed: it would flood the chat.
 */
const PARTS = new Map([
  ['FREQ', /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/],
  ['INTERVAL', /^[1-9]\d{0,2}$/],
  ['COUNT', /^[1-9]\d{0,3}$/],
  ['UNTIL', /^\d{8}(T\d{6}Z?)?$/],
  ['BYDAY', list(`([+-]?[1-9]\\d?)?${WEEKDAY}`)],
  ['BYMONTHDAY', NUMBERS],
  ['BYYEARDAY', NUMBERS],
  ['BYWEEKNO', NUMBERS],
  ['BYMONTH', NUMBERS],
  ['BYSETPOS', NUMBERS],
  ['WKST', new RegExp(`^${WEEKDAY}$`)],
])

/** What is wrong with a rule, or undefined. */
export function problemOf(text: string): string | undefined {
  const seen = new Set<string>()
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split('=', 2)
    const allowed = PARTS.get(name)
    if (name === 'DTSTART' || name === 'TZID') return 'the start and the time zone have fields of their own'
    if (!allowed) return `${name || 'nothing'} is not one of ${[...PARTS.keys()].join(', ')}`
    if (!allowed.test(value)) return `${name} cannot be ${value || 'empty'}`
    if (seen.has(name)) return `${name} is there twice`
    seen.add(name)
  }
  return seen.has('FREQ') ? undefined : 'FREQ is missing'
}

/**
 * The moments of a schedule in [from, to). The rule counts on the clock on the wall, so an event at 19:30 stays at
 * 19:30 when the clocks change; only then it becomes a moment. A time that the change leaves out moves on by the hour
 * that is missing; of a time that comes twice, the first is meant.
 */
export function moments(schedule: Schedule, from: Date, to: Date): Date[] {
  const options = rrule.RRule.parseString(schedule.rrule)
  const rule = new rrule.RRule({ ...options, dtstart: schedule.startsAt })
  // Zones are at most 14 hours away from UTC.
  return rule
    .between(new Date(+from - DAY), new Date(+to + DAY), true)
    .map(wall => momentOf(wall, schedule.timezone))
    .filter(moment => moment >= from && moment < to)
}

function momentOf(wall: Date, zone: string): Date {
  const there = DateTime.fromJSDate(wall, { zone: 'utc' }).setZone(zone, { keepLocalTime: true })
  return DateTime.min(...there.getPossibleOffsets())!.toJSDate()
}
