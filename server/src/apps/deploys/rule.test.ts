import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Traffic } from '../../reach/edge/edge.ts'
import { quantile, since } from '../checks/counters.ts'
import { type WatchSample, worse } from './rule.ts'

const traffic = (requests: number, errors = 0, slow = 0): Traffic => ({
  requests,
  status: { '2xx': requests - errors, '3xx': 0, '4xx': 0, '5xx': errors, failed: 0 },
  seconds: [
    { le: 0.1, count: requests - slow },
    { le: 2.5, count: requests },
  ],
  active: 0,
})
const sample = (more: Partial<WatchSample>): WatchSample => ({
  service: 'api',
  now: traffic(1000),
  before: traffic(1000),
  lately: more.now ?? traffic(100),
  restarts: 0,
  unhealthy: 0,
  finding: '',
  ...more,
})

test('a side that is as good as the one before stays', () => {
  assert.equal(worse(sample({})), null)
  assert.equal(worse(sample({ now: null })), null)
})

test('a start again, failing health, errors and slowness each turn back, with the reason', () => {
  assert.match(worse(sample({ restarts: 1 }))!, /started again once/)
  assert.match(worse(sample({ unhealthy: 3, finding: 'answered 500' }))!, /answered 500/)
  assert.match(worse(sample({ now: traffic(100, 5) }))!, /5.0 % of its requests \(5 of 100\)/)
  assert.match(worse(sample({ now: traffic(100, 0, 50) }))!, /2.5 s \(p95\), before in 100 ms/)
})

test('errors that only the edge saw are named as it saw them', () => {
  const now = { ...traffic(10, 5), failures: { large: 5 } }
  assert.match(
    worse(sample({ now }))!,
    /50.0 % .*before 0.0 %; as the edge saw it: the headers of its answer/,
  )
})

test('a handful of errors, or as many as before, does not turn back', () => {
  assert.equal(worse(sample({ now: traffic(100, 4) })), null)
  assert.equal(worse(sample({ now: traffic(1000, 50), before: traffic(1000, 40) })), null)
})

test('the slow first answers of a process that has just begun do not turn back', () => {
  const now = traffic(100, 0, 50)
  assert.equal(worse(sample({ now, lately: null })), null, 'the watch has only begun')
  assert.equal(worse(sample({ now, lately: traffic(30) })), null, 'it has become fast')
  assert.equal(worse(sample({ now, lately: traffic(5, 0, 5) })), null, 'too few to say so')
  assert.match(worse(sample({ now, lately: traffic(30, 0, 30) }))!, /2.5 s \(p95\)/)
})

test('slowness without enough requests to compare does not turn back', () => {
  assert.equal(worse(sample({ now: traffic(40, 0, 40) })), null)
})

test('a counter is read as the difference of two readings', () => {
  const d = since(traffic(150, 7, 10), traffic(100, 5))
  assert.deepEqual([d.requests, d.status['5xx'], quantile(d, 0.5)], [50, 2, 0.1])
})
