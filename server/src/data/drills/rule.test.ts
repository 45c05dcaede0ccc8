import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Point } from '../backups/point.ts'
import type { Drill } from './drill.ts'
import { alarmsOf, isDue, isExpected, partFor, pointFor } from './rule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const NOW = 100 * DAY

const drill = (at: number, state: Drill['state'], more: Partial<Drill> = {}): Drill => ({
  ...{
    id: `d${at}`,
    app: 'shop',
    point: 'p1',
    place: 'disk',
    abandoned: null,
    state,
    levels: [],
    rtoMs: null,
    rpoMs: null,
    at,
  },
  endedAt: at + HOUR,
  ...more,
})

/** Each week after the last one. */
const weekly = (after: number): number => after + WEEK
const due = (
  drills: Drill[],
  { since = 0, next = weekly as (after: number) => number | null } = {},
): boolean => isDue({ now: NOW, since, drills, next })

test('a drill is due when its schedule has passed since the last one began', () => {
  assert.ok(due([drill(NOW - WEEK, 'proven')]))
  assert.ok(!due([drill(NOW - WEEK + 1, 'proven')]))
  assert.ok(!due([drill(NOW - DAY, 'failed'), drill(NOW - 3 * WEEK, 'proven')]), 'a failed one was one too')
  assert.ok(!due([], { next: () => null }), 'a date that never comes')
})

test('the first one waits a day, whatever the schedule says', () => {
  const often = { next: (after: number) => after + HOUR }
  assert.ok(!due([], { since: NOW - DAY + 1, ...often }))
  assert.ok(due([], { since: NOW - DAY, ...often }))
})

test('one that gave way is made up for after an hour, not after a week', () => {
  const before = drill(NOW - 2 * WEEK, 'proven')
  assert.ok(!due([drill(NOW - HOUR + 1, 'cancelled'), before]))
  assert.ok(due([drill(NOW - HOUR, 'cancelled'), before]))
})

test('a drill from the future, after the clock was corrected, does not stop them', () => {
  assert.ok(due([drill(NOW + 50 * DAY, 'proven')]))
})

const alarms = (drills: Drill[], since = 0) =>
  alarmsOf({ now: NOW, apps: [{ app: 'shop', since, drills }] }).map(alarm => alarm.code)

test('a week and a day without a proven drill is an alarm; a new database has that long', () => {
  assert.deepEqual(alarms([], NOW - 8 * DAY), [])
  assert.deepEqual(alarms([], NOW - 8 * DAY - 1), ['drill.overdue'])
  assert.deepEqual(alarms([drill(NOW - 8 * DAY - HOUR, 'proven')]), [])
  assert.deepEqual(alarms([drill(NOW - 8 * DAY - HOUR - 1, 'proven')]), ['drill.overdue'])
  assert.deepEqual(alarms([drill(NOW - DAY, 'cancelled'), drill(NOW - 9 * DAY, 'proven')]), ['drill.overdue'])
})

test('a failed drill is an alarm until one is proven, and says at which level', () => {
  const levels = [{ level: 3, state: 'failed', detail: '', unproven: [], ms: 1 }] as const
  const failed = drill(NOW - DAY, 'failed', { levels })
  const old = drill(NOW - 2 * DAY, 'proven')
  const [alarm] = alarmsOf({ now: NOW, apps: [{ app: 'shop', since: 0, drills: [failed, old] }] })
  assert.equal(alarm!.code, 'drill.failed')
  assert.match(alarm!.what, /shop failed: L3, pages/)
  assert.equal(alarm!.fix, `\`inn drill show ${failed.id}\``)
  assert.deepEqual(alarms([drill(NOW - HOUR, 'proven'), failed, old]), [])
  assert.deepEqual(alarms([drill(NOW - HOUR, 'cancelled'), failed, old]), ['drill.failed'])
})

const point = (name: string, at: number, more: Partial<Point> = {}): Point => ({
  ...{
    name,
    at,
    kind: 'schedule',
    app: null,
    segment: null,
    state: 'good',
    reason: null,
    releases: {},
    places: [],
  },
  parts: [
    { of: 'cluster', place: 'disk', id: `${name}-disk` },
    { of: 'cluster', place: 'bucket', id: `${name}-bucket` },
  ],
  missing: [],
  manifest: { shop: { exact: true, tables: {} } },
  endedAt: at,
  ...more,
})

test('a drill begins from the newest complete point that has the database', () => {
  const points = [
    point('marked', 9, { state: 'marked', parts: [] }),
    point('failed', 8, { state: 'failed' }),
    point('other', 7, { manifest: { blog: { exact: true, tables: {} } } }),
    point('older', 5),
    point('right', 6),
  ]
  assert.equal(pointFor(points, 'shop')?.name, 'right')
  assert.equal(pointFor(points, 'wiki'), null)
})

test('places take turns', () => {
  const chosen = (drills: Drill[]) => partFor(point('p', 1), drills)?.id
  assert.equal(chosen([]), 'p-disk')
  assert.equal(chosen([drill(2, 'proven')]), 'p-bucket')
  assert.equal(chosen([drill(3, 'proven', { place: 'bucket' }), drill(2, 'proven')]), 'p-disk')
})

test('what a query gives is compared with what the file expects, and nothing with nothing alone', () => {
  for (const [value, expect] of [
    ['500', 500],
    [true, true],
    ['open', 'open'],
    [null, null],
  ] as const)
    assert.ok(isExpected(value, expect), String(value))
  for (const [value, expect] of [
    ['499', 500],
    [null, 'null'],
    ['null', null],
    [false, true],
  ] as const)
    assert.ok(!isExpected(value, expect), String(value))
})
