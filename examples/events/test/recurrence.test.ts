import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { moments, problemOf } from '../src/series/recurrence.ts'

const wall = (text: string) => new Date(`${text}:00Z`)
const between = (schedule: { rrule: string; startsAt: string; timezone: string }, from: string, to: string) =>
  moments({ ...schedule, startsAt: wall(schedule.startsAt) }, new Date(from), new Date(to)).map(moment =>
    moment.toISOString().slice(0, 16),
  )

test('19:30 stays 19:30 when summer time begins', () => {
  const series = { rrule: 'FREQ=WEEKLY;BYDAY=FR', startsAt: '2026-03-06T19:30', timezone: 'Europe/Madrid' }
  // Clocks change on 29 March 2026.
  deepEqual(between(series, '2026-03-20T00:00Z', '2026-04-11T00:00Z'), [
    '2026-03-20T18:30',
    '2026-03-27T18:30',
    '2026-04-03T17:30',
    '2026-04-10T17:30',
  ])
})

test('and when it ends; each zone on a day of its own', () => {
  const series = { rrule: 'FREQ=WEEKLY;BYDAY=TU', startsAt: '2026-10-06T19:30' }
  const span = ['2026-10-20T00:00Z', '2026-11-06T00:00Z'] as const
  deepEqual(between({ ...series, timezone: 'Europe/Madrid' }, ...span), [
    '2026-10-20T17:30',
    '2026-10-27T18:30',
    '2026-11-03T18:30',
  ])
  deepEqual(between({ ...series, timezone: 'America/New_York' }, ...span), [
    '2026-10-20T23:30',
    '2026-10-27T23:30',
    '2026-11-04T00:30',
  ])
})

test('the day of the rule is the day there, not the day of UTC', () => {
  const series = { rrule: 'FREQ=WEEKLY;BYDAY=MO', startsAt: '2026-01-05T06:00', timezone: 'Pacific/Auckland' }
  // Monday morning in Auckland is Sunday evening in UTC.
  deepEqual(between(series, '2026-01-04T00:00Z', '2026-01-12T00:00Z'), ['2026-01-04T17:00', '2026-01-11T17:00'])
})

test('an hour that is left out moves on; of an hour that comes twice, the first is meant', () => {
  const daily = { rrule: 'FREQ=DAILY', timezone: 'Europe/Madrid' }
  const spring = between({ ...daily, startsAt: '2026-03-28T02:30' }, '2026-03-28T00:00Z', '2026-03-31T00:00Z')
  deepEqual(spring, ['2026-03-28T01:30', '2026-03-29T01:30', '2026-03-30T00:30'])
  const autumn = between({ ...daily, startsAt: '2026-10-24T02:30' }, '2026-10-24T00:00Z', '2026-10-27T00:00Z')
  deepEqual(autumn, ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'])
})

test('COUNT and UNTIL end a series, the span includes its beginning and not its end', () => {
  const series = { startsAt: '2026-01-01T10:00', timezone: 'UTC' }
  const span = ['2026-01-01T10:00Z', '2026-01-03T10:00Z'] as const
  deepEqual(between({ ...series, rrule: 'FREQ=DAILY' }, ...span), ['2026-01-01T10:00', '2026-01-02T10:00'])
  deepEqual(between({ ...series, rrule: 'FREQ=DAILY;COUNT=1' }, ...span), ['2026-01-01T10:00'])
  deepEqual(between({ ...series, rrule: 'FREQ=DAILY;UNTIL=20260101T235959' }, ...span), ['2026-01-01T10:00'])
})

test('rules that would flood a chat or mean nothing are refused', () => {
  equal(problemOf('FREQ=MONTHLY;BYDAY=2TU'), undefined)
  equal(problemOf('FREQ=YEARLY;BYMONTH=3,9;BYDAY=-1SU;COUNT=8'), undefined)
  equal(problemOf('FREQ=MINUTELY'), 'FREQ cannot be MINUTELY')
  equal(problemOf('BYDAY=FR'), 'FREQ is missing')
  match(problemOf('FREQ=DAILY;BYHOUR=1,2,3') ?? '', /^BYHOUR is not one of/)
  match(problemOf('FREQ=DAILY;DTSTART=20260101T000000Z') ?? '', /fields of their own/)
  // The library would count for ever, or pass over them in silence.
  equal(problemOf('FREQ=DAILY;INTERVAL=0'), 'INTERVAL cannot be 0')
  equal(problemOf('FREQ=WEEKLY;BYDAY=XX'), 'BYDAY cannot be XX')
})
