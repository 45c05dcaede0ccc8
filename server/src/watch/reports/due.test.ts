import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channelsFor, due, lastDue, type Schedule } from './due.ts'

const at = (text: string) => Date.parse(`${text}Z`)
const shown = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString().slice(0, 16))
const WEEKLY: Schedule = { day: null, week: 'Mon 08:00', month: null, zone: 'Europe/Berlin' }
const told = (text: string) => ({ day: at(text), week: at(text), month: at(text) })

test('the last time that a report was due is what the clocks of its zone show', () => {
  const last = (schedule: Partial<Schedule>, period: 'day' | 'week' | 'month', now: string) =>
    shown(lastDue(period, { ...WEEKLY, ...schedule }, at(now)))
  assert.equal(last({}, 'week', '2026-11-30T07:00'), '2026-11-30T07:00')
  assert.equal(last({}, 'week', '2026-11-30T06:59'), '2026-11-23T07:00')
  assert.equal(last({}, 'day', '2026-11-30T06:59'), null)
  assert.equal(last({ day: '23:30' }, 'day', '2026-11-30T22:00'), '2026-11-29T22:30')
  assert.equal(last({ month: '1 08:00' }, 'month', '2026-11-30T10:00'), '2026-11-01T07:00')
  assert.equal(last({ month: '28 08:00' }, 'month', '2026-03-28T06:59'), '2026-02-28T07:00')
  assert.equal(
    last({ week: 'Mon 00:15', zone: 'Asia/Kolkata' }, 'week', '2026-11-29T18:45'),
    '2026-11-29T18:45',
  )
})

test('each day has one, also those on which clocks are set', () => {
  for (const [zone, time] of [
    ['Europe/Berlin', '02:30'],
    ['America/New_York', '01:30'],
    ['Australia/Lord_Howe', '02:15'],
  ] as const) {
    const seen = new Set<number>()
    for (let now = at('2026-01-01T12:00'); now < at('2026-12-31T12:00'); now += 1_800_000)
      seen.add(lastDue('day', { ...WEEKLY, day: time, zone }, now)!)
    const all = [...seen].sort((a, b) => a - b)
    assert.equal(all.length, 365, zone)
    for (const [n, one] of all.entries())
      if (n > 0) assert.ok(Math.abs(one - all[n - 1]! - 86_400_000) <= 3_600_000, `${zone} ${shown(one)}`)
  }
})

test('it is due once, late when the keeper did not run, and over when half of its time has passed', () => {
  const now = (text: string, since: string) =>
    due(WEEKLY, told(since), at(text)).map(({ dueAt, does, late }) => [shown(dueAt), does, late])
  assert.deepEqual(now('2026-11-30T06:59', '2026-11-23T07:00'), [])
  assert.deepEqual(now('2026-11-30T07:00', '2026-11-23T07:00'), [['2026-11-30T07:00', 'tell', false]])
  assert.deepEqual(now('2026-11-30T07:00', '2026-11-30T07:00'), [])
  assert.deepEqual(now('2026-12-01T12:00', '2026-11-23T07:00'), [['2026-11-30T07:00', 'tell', true]])
  assert.deepEqual(now('2026-12-04T12:00', '2026-11-23T07:00'), [['2026-11-30T07:00', 'pass', true]])
  // After weeks without the keeper there is one report, not one for each.
  assert.equal(now('2026-12-01T12:00', '2026-09-01T07:00').length, 1)
})

test('all channels get it but those that call people, unless one is named', () => {
  const all = [
    { name: 'ops', settings: { kind: 'slack' } },
    { name: 'mail', settings: { kind: 'email' } },
    { name: 'pager', settings: { kind: 'pagerduty' } },
    { name: 'sms', settings: { kind: 'twilio' } },
  ]
  assert.deepEqual(channelsFor([], all), ['ops', 'mail'])
  assert.deepEqual(channelsFor(['sms'], all), ['sms'])
  assert.deepEqual(channelsFor(['gone'], all), ['ops', 'mail'])
  assert.deepEqual(channelsFor([], []), [])
})
