import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WHOLE_PLACE } from './missing.ts'
import type { Point } from './point.ts'
import { dueAt, type Schedule, triesAt } from './tries.ts'

const MIN = 60_000
const NOW = Date.parse('2026-11-20T12:00:00Z')

const point = (minutesAgo: number, more: Partial<Point> = {}): Point =>
  ({
    name: `p${minutesAgo}`,
    kind: 'schedule',
    at: NOW - minutesAgo * MIN,
    state: 'good',
    reason: null,
    places: ['disk'],
    parts: [],
    missing: [],
    ...more,
  }) as unknown as Point
const failed = (minutesAgo: number) => point(minutesAgo, { state: 'failed', reason: 'the disk is full' })
const due = (points: Point[], more: Partial<Schedule> = {}) =>
  dueAt(points, ['disk'], {
    now: NOW,
    since: null,
    next: after => after + 24 * 60 * MIN,
    gap: () => false,
    ...more,
  })

test('the first backup is due at once, the next when the schedule says so', () => {
  assert.deepEqual(due([]), { place: 'disk', how: 'auto' })
  assert.equal(due([point(60)]), null)
  assert.deepEqual(due([point(24 * 60)]), { place: 'disk', how: 'auto' })
})

test('a gap makes a full backup due; after a try that failed ten minutes pass', () => {
  assert.deepEqual(due([point(60)], { gap: () => true }), { place: 'disk', how: 'full' })
  assert.equal(due([failed(10)]), null)
  assert.deepEqual(due([failed(11)]), { place: 'disk', how: 'auto' })
})

test('a point that was good and has lost a part is no try that failed: a full backup is due at once, but not again and again', () => {
  const lost = (minutesAgo: number) =>
    point(minutesAgo, {
      ...{ state: 'failed', reason: 'its list of files is gone' },
      missing: [{ of: WHOLE_PLACE, place: 'disk', why: 'its list of files is gone' }],
      parts: [{ of: 'cluster', place: 'disk', id: 'F' }],
    })
  const gap = () => true
  assert.deepEqual(due([lost(1)], { gap }), { place: 'disk', how: 'full' })
  assert.deepEqual(due([lost(1), point(60)], { gap }), { place: 'disk', how: 'full' })
  assert.equal(due([lost(1), lost(3)], { gap }), null)
  assert.deepEqual(due([lost(1), lost(11)], { gap }), { place: 'disk', how: 'full' })
  assert.equal(due([failed(1), lost(3)], { gap }), null)
  assert.deepEqual(triesAt([lost(1), failed(2), point(60)], 'disk', 0).failed, 1)
})

test('backups of a cluster that was there before do not count, neither good ones nor tries that failed', () => {
  const since = NOW - 5 * MIN
  assert.deepEqual(due([point(60)], { since }), { place: 'disk', how: 'auto' })
  assert.deepEqual(due([failed(6)], { since }), { place: 'disk', how: 'auto' })
  assert.equal(due([point(4)], { since }), null)
})

test('a try with a date in the future came from a wrong clock, and holds nothing up', () => {
  assert.deepEqual(due([failed(-600)]), { place: 'disk', how: 'auto' })
})

test('a place shows its last good point, and why the last try failed', () => {
  assert.deepEqual(triesAt([failed(1), point(60)], 'disk', 0).good?.name, 'p60')
  assert.equal(triesAt([failed(1), point(60)], 'disk', 0).reason, 'the disk is full')
  assert.deepEqual(triesAt([point(1)], 'bucket', 0), { good: null, reason: null, failed: 0 })
})

test('tries that failed are counted back to the last good one, without the one under way and those of a cluster before', () => {
  const count = (points: Point[], since = 0) => triesAt(points, 'disk', since).failed
  const taking = point(0, { state: 'taking' })
  assert.equal(count([taking, failed(1), failed(12), point(60), failed(70)]), 2)
  assert.equal(count([point(1), failed(12), failed(23)]), 0)
  assert.equal(count([failed(1), failed(12)], NOW - 5 * MIN), 1)
  const away = { missing: [{ of: 'place', place: 'disk', why: 'away' }] }
  assert.equal(count([point(1, away), point(12, away), point(60)]), 2, 'good at another place alone')
})
