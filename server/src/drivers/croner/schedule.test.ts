import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { nextRun } from './schedule.ts'

const zone = process.env['TZ']
after(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

/** All runs of a pattern between two moments in a zone. */
function runs(pattern: string, timeZone: string, from: string, to: string): string[] {
  process.env['TZ'] = timeZone
  const found: string[] = []
  for (
    let at = nextRun(pattern, Date.parse(from));
    at !== null && at < Date.parse(to);
    at = nextRun(pattern, at)
  )
    found.push(new Date(at).toISOString().slice(0, 16))
  return found
}

test('a night at 2:30 is not lost when clocks go forward over it, and not doubled when they go back', () => {
  assert.deepEqual(runs('30 2,14 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T23:00Z'), [
    '2026-03-28T01:30',
    '2026-03-28T13:30',
    '2026-03-29T01:30',
    '2026-03-29T12:30',
    '2026-03-30T00:30',
    '2026-03-30T12:30',
  ])
  assert.deepEqual(runs('30 2,14 * * *', 'Europe/Berlin', '2026-10-24T00:00Z', '2026-10-26T23:00Z'), [
    '2026-10-24T00:30',
    '2026-10-24T12:30',
    '2026-10-25T00:30',
    '2026-10-25T13:30',
    '2026-10-26T01:30',
    '2026-10-26T13:30',
  ])
})

test('each zone, also with half an hour of summer time, has a run a day for each time that is named', () => {
  for (const timeZone of [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Santiago',
    'Asia/Kolkata',
    'UTC',
  ])
    for (const pattern of ['30 2 * * *', '0 0 * * *', '15 1 * * *', '59 23 * * *'])
      assert.equal(
        runs(pattern, timeZone, '2026-01-01T12:00Z', '2026-12-31T12:00Z').length,
        364,
        `${timeZone} ${pattern}`,
      )
})

/** All runs of a pattern between two moments on the clocks of a zone, whatever the zone of the machine is. */
function runsIn(pattern: string, timezone: string, from: string, to: string): string[] {
  const found: string[] = []
  for (
    let at = nextRun(pattern, Date.parse(from), timezone);
    at !== null && at < Date.parse(to);
    at = nextRun(pattern, at, timezone)
  )
    found.push(new Date(at).toISOString().slice(0, 16))
  return found
}

test('a zone that is named has the runs of a machine in that zone', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'UTC'])
    for (const pattern of ['30 2 * * *', '0 0 * * *', '15 1,2,3 * * 0', '*/20 * * * *', '5 */6 1 * *'])
      for (const start of ['2026-03-01T00:00Z', '2026-09-01T00:00Z']) {
        const end = new Date(Date.parse(start) + 70 * 86_400_000).toISOString()
        const here = runs(pattern, zone, start, end)
        process.env['TZ'] = 'Asia/Tokyo'
        assert.deepEqual(runsIn(pattern, zone, start, end), here, `${zone} ${pattern} ${start}`)
      }
})

test('a pattern for every hour follows the time that passes, through both changes', () => {
  for (const [from, to] of [
    ['2026-03-29T00:00Z', '2026-03-29T06:00Z'],
    ['2026-10-25T00:00Z', '2026-10-25T06:00Z'],
  ] as const)
    assert.equal(runs('*/15 * * * *', 'Europe/Berlin', from, to).length, 23, from)
})

test('days of the week and of the month are kept, and what never comes is null', () => {
  assert.deepEqual(runs('0 3 * * 0', 'Europe/Berlin', '2026-03-27T00:00Z', '2026-04-06T00:00Z'), [
    '2026-03-29T01:00',
    '2026-04-05T01:00',
  ])
  assert.equal(nextRun('0 3 30 2 *', Date.parse('2026-01-01T00:00Z')), null)
})
