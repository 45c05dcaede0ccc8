import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alarmsOf, difference, isDue, type Rebuilt } from './rule.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
/** Due at whole weeks. */
const next = (after: number) => (Math.floor(after / WEEK) + 1) * WEEK
const last = (at: number, problem: string | null = null): Rebuilt => ({ release: 'r4', at, problem })
const due = (now: number, more: Partial<Parameters<typeof isDue>[0]> = {}) =>
  isDue({ now, made: 10 * WEEK + HOUR, last: null, begun: null, next, ...more })

test('a release is built from nothing once for each time that the schedule names', () => {
  assert.equal(due(11 * WEEK - 1), false)
  assert.equal(due(11 * WEEK), true)
  assert.equal(due(11 * WEEK + HOUR, { last: last(11 * WEEK + 1) }), false)
  assert.equal(due(12 * WEEK, { last: last(11 * WEEK + 1) }), true)
  assert.equal(due(11 * WEEK, { last: last(9 * WEEK) }), true, 'what was built before this release was made')
  assert.equal(due(11 * WEEK, { last: last(20 * WEEK) }), true, 'the clock was set back')
  assert.equal(due(11 * WEEK, { next: () => null }), false)
})

test('one that gave way is tried again an hour later', () => {
  assert.equal(due(11 * WEEK + HOUR / 2, { begun: 11 * WEEK }), false)
  assert.equal(due(11 * WEEK + HOUR, { begun: 11 * WEEK }), true)
})

test('what failed is told as long as that release serves', () => {
  const failed = last(1, 'the build of web failed: no such package')
  assert.match(
    alarmsOf('shop', 'r4', failed)[0]!.what,
    /^r4 of shop serves, and cannot be built from nothing: the build/,
  )
  assert.deepEqual(alarmsOf('shop', 'r5', failed), [])
  assert.deepEqual(alarmsOf('shop', 'r4', last(1)), [])
  assert.deepEqual(alarmsOf('shop', 'r4', null), [])
})

test('packages that are missing, new or others are named, three of them', () => {
  const of = (...paths: string[]) => new Map(paths.map(path => path.split('=') as [string, string]))
  assert.equal(difference(of('a=1', 'b=2'), of('b=2', 'a=1')), null)
  assert.equal(
    difference(of('a=1', 'b=2', 'c=3', 'd=4'), of('b=3', 'e=5')),
    'a is missing; c is missing; d is missing; and 2 more',
  )
  assert.equal(difference(of('a=1'), of('a=2')), 'a is another')
})
