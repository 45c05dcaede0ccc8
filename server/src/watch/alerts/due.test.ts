import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOn, type Route, targetsOf } from './due.ts'

const MINUTE = 60_000
const route = (more: Partial<Route> = {}): Route => ({
  ...{ id: 1, severity: 'late', channel: 'ops', afterMs: 0, hours: null, weeks: null, zone: 'Europe/Berlin' },
  ...more,
})
const on = (more: Partial<Route>, at: string) => isOn(route(more), Date.parse(at))
const DAY = { from: 8 * 60, to: 20 * 60 }
const NIGHT = { from: 20 * 60, to: 8 * 60 }

const HOURS: Array<[string, Partial<Route>, string, boolean]> = [
  ['always', {}, '2026-11-20T03:00:00Z', true],
  ['by day, at the beginning', { hours: DAY }, '2026-11-20T07:00:00Z', true],
  ['by day, a minute before', { hours: DAY }, '2026-11-20T06:59:00Z', false],
  ['by day, at the end', { hours: DAY }, '2026-11-20T19:00:00Z', false],
  ['by day in summer, when clocks are an hour ahead', { hours: DAY }, '2026-07-20T06:00:00Z', true],
  ['by night, before midnight', { hours: NIGHT }, '2026-11-20T20:00:00Z', true],
  ['by night, after midnight', { hours: NIGHT }, '2026-11-21T06:30:00Z', true],
  ['by night, at noon', { hours: NIGHT }, '2026-11-20T11:00:00Z', false],
]
for (const [name, more, at, expected] of HOURS)
  test(`hours of the day: ${name}`, () => assert.equal(on(more, at), expected))

test('weeks take turns, from Monday by the clock on the wall, also when clocks are changed', () => {
  const first = { weeks: { nth: 1, of: 2 } }
  const second = { weeks: { nth: 2, of: 2 } }
  for (let monday = Date.parse('2026-10-05T00:00:00+02:00'), n = 0; n < 8; n++) {
    // Four weeks in, clocks went back an hour.
    const offset = n >= 3 ? 60 * MINUTE : 0
    const from = monday + n * 7 * 24 * 60 * MINUTE + offset
    const [before, after] = [isOn(route(first), from - 1), isOn(route(first), from)]
    assert.notEqual(before, after, new Date(from).toISOString())
    assert.notEqual(isOn(route(second), from), after)
  }
})

const NOW = Date.parse('2026-11-20T10:00:00Z')
const target = (
  routes: Route[],
  { since = NOW, acked = false, channels = ['ops', 'sms', 'boss'], labels = {} } = {},
) =>
  targetsOf(
    { openings: [NOW - 60 * MINUTE, since], labels, acked: acked ? { by: 'anna', at: NOW } : null },
    'late',
    {
      ...{ routes, channels, now: NOW },
    },
  )
const STEPS = [
  route(),
  route({ channel: 'sms', afterMs: 10 * MINUTE }),
  route({ channel: 'boss', afterMs: 20 * MINUTE }),
]

test('where no route is written, everything goes to all channels', () => {
  assert.deepEqual(target([]), { channels: ['ops', 'sms', 'boss'], next: null })
  assert.deepEqual(target([route({ severity: 'soon' })]).channels, ['ops', 'sms', 'boss'])
  assert.deepEqual(
    target([route({ channel: 'gone' })]).channels,
    ['ops', 'sms', 'boss'],
    'its channel was removed',
  )
})

test('a rule that names its channel is for that one; where it is gone, the routes say', () => {
  assert.deepEqual(target(STEPS, { labels: { channel: 'boss' } }), { channels: ['boss'], next: null })
  assert.deepEqual(target(STEPS, { labels: { channel: 'gone' } }), target(STEPS))
})

test('step by step, until somebody acknowledges', () => {
  assert.deepEqual(target(STEPS), { channels: ['ops'], next: NOW + 10 * MINUTE })
  assert.deepEqual(target(STEPS, { since: NOW - 10 * MINUTE }), {
    channels: ['ops', 'sms'],
    next: NOW + 10 * MINUTE,
  })
  assert.deepEqual(target(STEPS, { since: NOW - 60 * MINUTE }), {
    channels: ['ops', 'sms', 'boss'],
    next: null,
  })
  assert.deepEqual(target(STEPS, { since: NOW - 60 * MINUTE, acked: true }), {
    channels: ['ops'],
    next: null,
  })
})

test('who is not there now is told when the hours begin', () => {
  assert.deepEqual(target([route({ hours: NIGHT })]), { channels: [], next: NOW + MINUTE })
})
