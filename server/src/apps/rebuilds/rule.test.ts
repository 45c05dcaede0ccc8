import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alarmsOf, difference, isDue, type Rebuilt } from './rule.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
/** Due at whole weeks. */
const next = (after: number) => (Math.floor(after / WEEK) + 1) * WEEK
const last = (at: number, problem: string | null = null, failed = 0): Rebuilt => ({
  release: 'r4',
  at,
  problem,
  failed,
})
const due = (now: number, more: Partial<Parameters<typeof isDue>[0]> = {}) =>
  isDue({ now, made: 10 * WEEK + HOUR, since: 0, last: null, begun: null, next, ...more })

test('a release is built from nothing once for each time that the schedule names', () => {
  assert.equal(due(11 * WEEK - 1), false)
  assert.equal(due(11 * WEEK), true)
  assert.equal(due(11 * WEEK + HOUR, { last: last(11 * WEEK + 1) }), false)
  assert.equal(due(12 * WEEK, { last: last(11 * WEEK + 1) }), true)
  assert.equal(due(11 * WEEK, { last: last(9 * WEEK) }), true, 'what was built before this release was made')
  assert.equal(due(11 * WEEK, { last: last(20 * WEEK) }), true, 'the clock was set back')
  assert.equal(due(11 * WEEK, { next: () => null }), false)
  assert.equal(due(11 * WEEK + HOUR, { since: 11 * WEEK + 1 }), false, 'nothing is made up for after a start')
  assert.equal(due(12 * WEEK, { since: 11 * WEEK + 1 }), true)
})

test('one that gave way is tried again an hour later', () => {
  assert.equal(due(11 * WEEK + HOUR / 2, { begun: 11 * WEEK }), false)
  assert.equal(due(11 * WEEK + HOUR, { begun: 11 * WEEK }), true)
})

test('one that failed is tried again a day later, and then each week', () => {
  const at = 11 * WEEK + 1
  assert.equal(due(at + 23 * HOUR, { last: last(at, 'away', 1) }), false)
  assert.equal(due(at + 24 * HOUR, { last: last(at, 'away', 1) }), true)
  assert.equal(due(at + 48 * HOUR, { last: last(at, 'away', 2) }), false)
  assert.equal(due(12 * WEEK, { last: last(at, 'away', 2) }), true)
})

test('what failed twice is told as long as that release serves', () => {
  const r4 = { id: 'r4', made: 1 }
  const failed = last(2, 'the build of web failed: no such package', 2)
  assert.match(
    alarmsOf('shop', r4, failed)[0]!.what,
    /^r4 of shop serves, and does not come out .*: the build/,
  )
  assert.deepEqual(alarmsOf('shop', r4, { ...failed, failed: 1 }), [])
  assert.deepEqual(alarmsOf('shop', { id: 'r5', made: 3 }, failed), [])
  assert.deepEqual(alarmsOf('shop', { id: 'r4', made: 3 }, failed), [], 'r4 of an app that was removed')
  assert.deepEqual(alarmsOf('shop', r4, last(2)), [])
  assert.deepEqual(alarmsOf('shop', r4, null), [])
})

test('packages that are missing, new or others are named, three of them', () => {
  const of = (...paths: string[]) => new Map(paths.map(path => path.split('=') as [string, string]))
  assert.equal(difference(of('a=1', 'b=2'), of('b=2', 'a=1')), null)
  assert.equal(
    difference(of('a=1', 'b=2', 'c=3', 'd=4'), of('b=3', 'e=5')),
    'a is missing; c is missing; d is missing; and 2 more',
  )
  assert.equal(difference(of('a=1'), of('a=2')), 'a has another size')
})
