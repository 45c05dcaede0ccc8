import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { percent, rangesFor, spanOf, tick } from './span.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-20T12:00:00Z')

test('only ranges that leave something out are offered, and all of it', () => {
  assert.deepEqual(rangesFor(NOW - HOUR, NOW), [])
  assert.deepEqual(rangesFor(NOW - 2 * DAY, NOW), ['last day', 'all'])
  assert.deepEqual(rangesFor(NOW - 30 * DAY, NOW), ['last day', 'last 7 days', 'all'])
})

test('a span ends now, begins no earlier than there is something, and is a minute at least', () => {
  assert.deepEqual(spanOf(NOW - 30 * DAY, NOW, 'last day'), { from: NOW - DAY, to: NOW })
  assert.deepEqual(spanOf(NOW - 2 * DAY, NOW, 'last 7 days'), { from: NOW - 2 * DAY, to: NOW })
  assert.deepEqual(spanOf(NOW - 30 * DAY, NOW, 'all'), { from: NOW - 30 * DAY, to: NOW })
  assert.deepEqual(spanOf(NOW - 5_000, NOW, 'all'), { from: NOW - 60_000, to: NOW })
})

test('a moment stands between the ends, and what is beyond them stands at the end', () => {
  const span = { from: NOW - 100, to: NOW }
  assert.deepEqual(
    [NOW - 100, NOW - 25, NOW, NOW - 500, NOW + 500].map(at => percent(at, span)),
    [0, 75, 100, 0, 100],
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 1, max: DAY }), (at, wide) => {
      const p = percent(at, { from: NOW - wide, to: NOW })
      assert.ok(p >= 0 && p <= 100)
    }),
  )
})

test('a tick is as exact as the span: seconds, minutes, day and minutes, day', () => {
  const at = NOW - 1_000
  const of = (ms: number) => tick(at, { from: NOW - ms, to: NOW })
  assert.match(of(HOUR / 7), /^\d\d:\d\d:\d\d$/)
  assert.match(of(HOUR / 2), /^\d\d:\d\d$/)
  assert.match(of(3 * HOUR), /^\d\d:\d\d$/)
  assert.match(of(2 * DAY), /^\d+ Nov \d\d:\d\d$/)
  assert.match(of(10 * DAY), /^\d+ Nov$/)
})
