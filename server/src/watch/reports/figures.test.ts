import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spanOf } from './facts.ts'
import { HOUR_MS, type Hour, hoursFrom, hoursOf, measuredOf, trafficOf } from './figures.ts'

const TO = Date.parse('2026-11-30T08:00:00Z')
const DAY = spanOf('day', TO)
const WEEK = spanOf('week', TO)

test('hours follow each other from the time before to the end of a span', () => {
  const ends = hoursOf(DAY)
  assert.deepEqual([ends.length, ends[0], ends.at(-1)], [48, TO - 47 * HOUR_MS, TO])
})

test('answers become hours; where there is no point, nothing was counted', () => {
  const found = (value: number, labels = {}) => ({ labels, points: [[TO, value]] as const })
  const hours = hoursFrom(
    {
      all: [found(10)],
      errors: [found(2)],
      seconds: [found(10, { le: '+Inf' }), found(9, { le: '0.1' })],
    },
    DAY,
  )
  const [first, last] = [hours[0]!, hours.at(-1)!]
  assert.deepEqual([first.at, first.requests], [TO - 48 * HOUR_MS, 0])
  assert.deepEqual(last, {
    ...{ at: TO - HOUR_MS, requests: 10, errors: 2 },
    seconds: [
      { le: 0.1, count: 9 },
      { le: Number.POSITIVE_INFINITY, count: 10 },
    ],
  })
})

const hour = (ago: number, requests: number, seconds: Hour['seconds'] = []): Hour => ({
  ...{ at: TO - ago * HOUR_MS, requests, errors: requests / 10, seconds },
})

test('figures of a span and of the one before, in slots', () => {
  const fast = [
    { le: 0.1, count: 95 },
    { le: 1, count: 100 },
  ]
  const slow = [
    { le: 0.1, count: 5 },
    { le: 1, count: 100 },
  ]
  const made = trafficOf('shop', [hour(170, 50, fast), hour(30, 100, fast), hour(2, 100, slow)], {
    ...{ span: WEEK, measured: 1, measuredBefore: 1 },
  })
  assert.deepEqual(made.now, { requests: 200, errors: 20, p95: 1 })
  assert.deepEqual(made.before, { requests: 50, errors: 5, p95: 0.1 })
  assert.deepEqual(
    made.slots.map(({ requests }) => requests),
    [0, 0, 0, 0, 0, 100, 100],
  )
  const alone = trafficOf('shop', [hour(2, 10)], { span: DAY, measured: 1, measuredBefore: 1 })
  assert.deepEqual([alone.before, alone.now.p95, alone.slots.length], [null, null, 24])
})

test('a span of which half was measured says so', () => {
  const points = hoursOf(DAY)
    .slice(-12)
    .map(at => [at, 1] as const)
  assert.equal(measuredOf([{ labels: {}, points }], DAY), 0.5)
  assert.equal(measuredOf([], DAY), 0)
  assert.equal(measuredOf([{ labels: {}, points }], { from: DAY.from - 24 * HOUR_MS, to: DAY.from }), 0)
  const young = { span: DAY, measured: 0.5, measuredBefore: 0.2 }
  assert.equal(trafficOf('shop', [hour(30, 10), hour(2, 10)], young).before, null)
})
