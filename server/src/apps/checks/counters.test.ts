import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Traffic } from '../../reach/edge/edge.ts'
import { causeOf, quantile, since } from './counters.ts'

const histogram = (...counts: number[]) => ({
  seconds: counts.map((count, i) => ({ le: [0.1, 0.5, 1, Number.POSITIVE_INFINITY][i]!, count })),
})

test('a quantile is the upper bound of its bucket, and that of the last one that has a bound', () => {
  assert.equal(quantile(histogram(50, 90, 100, 100), 0.5), 0.1)
  assert.equal(quantile(histogram(50, 90, 100, 100), 0.51), 0.5)
  assert.equal(quantile(histogram(50, 90, 100, 100), 0.95), 1)
  assert.equal(quantile(histogram(0, 0, 0, 5), 0.5), 1, 'slower than any bound')
  assert.equal(quantile(histogram(0, 0, 0, 0), 0.5), null)
  assert.equal(quantile({ seconds: [] }, 0.5), null)
})

const traffic = (requests: number, failed: number, counts: number[]): Traffic => ({
  requests,
  status: { '2xx': requests - failed, '3xx': 0, '4xx': 0, '5xx': 0, failed },
  ...histogram(...counts),
  active: requests,
})

test('what came since is the difference, with what is under way as it is now', () => {
  const later = traffic(30, 3, [10, 20, 30, 30])
  assert.deepEqual(since(later, traffic(10, 1, [5, 8, 10, 10])), {
    ...traffic(20, 2, [5, 12, 20, 20]),
    active: 30,
  })
  assert.equal(since(later, null), later)
})

test('an edge that was started again counts from nothing: nothing becomes negative', () => {
  assert.deepEqual(since(traffic(2, 0, [1, 2, 2, 2]), traffic(10, 1, [5, 8, 10, 10])), {
    requests: 0,
    status: { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, failed: 0 },
    ...histogram(0, 0, 0, 0),
    active: 2,
  })
})

test('what requests failed of is counted from the earlier reading, and the cause of most of them is named', () => {
  const later = { ...traffic(30, 9, [1, 1, 1, 1]), failures: { refused: 3, large: 6 } }
  const earlier = { ...traffic(10, 3, [1, 1, 1, 1]), failures: { refused: 3 } }
  assert.deepEqual(since(later, earlier).failures, { large: 6 })
  assert.match(causeOf(since(later, earlier))!, /headers of its answer/)
  assert.equal(causeOf(traffic(3, 0, [])), null)
})
