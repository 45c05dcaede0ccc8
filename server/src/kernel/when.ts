import { parseDuration } from './durations.ts'
import { Failure } from './failure.ts'
import { showMoment, wallClock } from './moments.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

const TIME = String.raw`(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)`
/** Accepts offsets as PostgreSQL's logs and psql write them too: UTC, +01. */
const DATE_AND_TIME = new RegExp(`^(\\d{4}-\\d{2}-\\d{2})[T ]${TIME} ?(Z|UTC|[+-]\\d{2}(?::?\\d{2})?)?$`, 'i')
const TIME_ALONE = new RegExp(`^(yesterday )?${TIME}$`, 'i')

interface Here {
  /** IANA name of the person's time zone. */
  zone: string
  now: number
}

/**
 * The moment that a person means, in milliseconds since 1970; without an offset it is what the clocks of `zone` show.
 * Failure `moment.unreadable`, `moment.absent`, `moment.twice`, `moment.future`.
 */
export function readMoment(text: string, here: Here): number {
  const said = text.trim()
  const at = relative(said, here.now) ?? dateAndTime(said, here) ?? timeAlone(said, here)
  if (at === null) throw unreadable(said)
  if (at > here.now) throw future(said, at, here)
  return at
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const DAY_AND_TIME = new RegExp(`^(?:(today|tomorrow|${DAYS.join('|')}) )?${TIME}$`, 'i')

/**
 * The moment to come that a person means, in milliseconds since 1970: `Sunday 02:00`, `tomorrow 02:00`, `in 2h`, `now`, or
 * a date with a time. Without an offset it is what the clocks of `zone` show. Failure `moment.unreadable`,
 * `moment.absent`, `moment.past`.
 */
export function readAhead(text: string, here: Here): number {
  const said = text.trim()
  const wait = /^in (.+)$/i.exec(said)
  const after = wait === null ? null : parseDuration(wait[1]!)
  if (/^now$/i.test(said)) return here.now
  const at =
    after !== null ? here.now + after : (dateAndTime(said, { ...here, now: 0 }) ?? dayAndTime(said, here))
  if (at === null) throw unreadableAhead(said)
  if (at < here.now) throw past(said, at, here)
  return at
}

/** A time of day, with or without a day: the next one that is not over. Of two of one name the first is meant. */
function dayAndTime(said: string, here: Here): number | null {
  const [, day, time] = DAY_AND_TIME.exec(said) ?? []
  if (time === undefined) return null
  const clock = wallClock(here.now, here.zone)
  const today = readingOf(new Date(clock).toISOString().slice(0, 10), time)
  if (today === null) return null
  const weekday = day === undefined ? -1 : DAYS.indexOf(day.toLowerCase())
  const away = weekday === -1 ? 0 : (weekday - new Date(clock).getUTCDay() + 7) % 7
  const first = today + (day?.toLowerCase() === 'tomorrow' ? DAY : away * DAY)
  const again = weekday === -1 ? DAY : 7 * DAY
  const found = moment(said, first, { ...here, now: 0 })
  const fixed = /^(today|tomorrow)$/i.test(day ?? '')
  return found >= here.now || fixed ? found : moment(said, first + again, { ...here, now: 0 })
}

function relative(said: string, now: number): number | null {
  if (/^now$/i.test(said)) return now
  const ago = /^(.+) ago$/i.exec(said)
  const duration = ago === null ? null : parseDuration(ago[1]!)
  return duration === null ? null : now - duration
}

function dateAndTime(said: string, here: Here): number | null {
  const [, date, time, offset] = DATE_AND_TIME.exec(said) ?? []
  if (date === undefined || time === undefined) return null
  const reading = readingOf(date, time)
  if (reading === null) return null
  if (offset === undefined) return moment(said, reading, here)
  if (/^(z|utc)$/i.test(offset)) return reading
  const [, sign, hours, minutes = '00'] = /([+-])(\d{2}):?(\d{2})?/.exec(offset)!
  const shift = readingOf('1970-01-01', `${hours}:${minutes}`)
  return shift === null ? null : reading - (sign === '-' ? -shift : shift)
}

/** A time of day without a date: the latest such time that is not in the future. */
function timeAlone(said: string, here: Here): number | null {
  const [, yesterday, time] = TIME_ALONE.exec(said) ?? []
  const clock = wallClock(here.now, here.zone)
  const today = time === undefined ? null : readingOf(new Date(clock).toISOString().slice(0, 10), time)
  if (today === null) return null
  const first = momentsOf(today, here.zone)[0]
  const passed = first === undefined ? today <= clock : first <= here.now
  return moment(said, passed && yesterday === undefined ? today : today - DAY, here)
}

/** Date and time read as if in UTC, in milliseconds since 1970; null: no such date. */
function readingOf(date: string, time: string): number | null {
  const reading = Date.parse(`${date}T${time}Z`)
  // Date.parse takes the 30th of February for the 2nd of March.
  return Number.isNaN(reading) || !new Date(reading).toISOString().startsWith(date) ? null : reading
}

/** The moment when the clocks of a zone show this time. When they show it twice, a moment in the future is ruled out. */
function moment(said: string, reading: number, { zone, now }: Here): number {
  const [first, second] = momentsOf(reading, zone)
  if (first === undefined) throw absent(said, reading, zone)
  if (second !== undefined && second <= now) throw twice(said, first, second, zone)
  return first
}

/** Moments at which the clocks of a zone show a time: none where they are set forward over it, two where they are set back. */
function momentsOf(reading: number, zone: string): number[] {
  return momentsAround(reading, zone).filter(at => wallClock(at, zone) === reading)
}

/**
 * The moment at which the clocks of a zone show a time, given as milliseconds of a UTC time with the same digits: of two
 * the first; of none, as much later as the clocks were set forward.
 */
export const clockShows = (reading: number, zone: string): number =>
  momentsOf(reading, zone)[0] ?? momentsAround(reading, zone).at(-1)!

/** Moments for a reading with the zone's offset a day before and a day after, earlier first. */
function momentsAround(reading: number, zone: string): number[] {
  const offsets = [reading - DAY, reading + DAY].map(at => wallClock(at, zone) - at)
  return [...new Set(offsets)].map(offset => reading - offset).sort((a, b) => a - b)
}

/** The first second with the new offset, when clocks are set forward over this reading. */
function changeOver(reading: number, zone: string): number {
  let [before, after] = momentsAround(reading, zone).map(at => Math.floor(at / SECOND)) as [number, number]
  const offset = (second: number) => wallClock(second * SECOND, zone) - second * SECOND
  const old = offset(before)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offset(middle) === old) before = middle
    else after = middle
  }
  return after * SECOND
}

const unreadable = (said: string): Failure =>
  new Failure('moment.unreadable', `'${said}' is not a moment`, {
    why: 'a moment has a time of day, and a date where it is not of the last 24 hours',
    fix: "write it like '2026-11-20 10:00', '2026-11-20T10:00:05Z', '2026-11-20 10:00 +02:00', '10:00', 'yesterday 14:30', '30m ago' or 'now'",
  })

const unreadableAhead = (said: string): Failure =>
  new Failure('moment.unreadable', `'${said}' is not a moment to come`, {
    why: 'a moment has a time of day, and a day where it is not the next such time',
    fix: "write it like 'Sunday 02:00', 'tomorrow 02:00', '02:00', '2026-12-06 02:00', '2026-12-06 02:00 +01:00', 'in 2h' or 'now'",
  })

const past = (said: string, at: number, { zone, now }: Here): Failure =>
  new Failure('moment.past', `'${said}' has passed`, {
    why: `it was ${showMoment(at, zone)}, and now it is ${showMoment(now, zone)}`,
    fix: 'choose a moment to come',
    facts: { at, now },
  })

function absent(said: string, reading: number, zone: string): Failure {
  const after = changeOver(reading, zone)
  const before = after - SECOND
  const [last, next] = [showMoment(before, zone), showMoment(after, zone)]
  return new Failure('moment.absent', `no clock in ${zone} showed '${said}'`, {
    why: `clocks were set forward: after ${last} came ${next}`,
    fix: `choose '${last}', '${next}' or another moment`,
    facts: { before, after },
  })
}

const twice = (said: string, first: number, second: number, zone: string): Failure =>
  new Failure('moment.twice', `clocks in ${zone} showed '${said}' twice`, {
    why: 'clocks were set back, and the hour came again',
    fix: `say which one: '${showMoment(first, zone)}' or '${showMoment(second, zone)}'`,
    facts: { first, second },
  })

const future = (said: string, at: number, { zone, now }: Here): Failure =>
  new Failure('moment.future', `'${said}' is in the future`, {
    why: `it is ${showMoment(at, zone)}, and now it is ${showMoment(now, zone)}`,
    fix: 'choose a moment that has passed',
    facts: { at, now },
  })
