import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alarmsOf } from './rule.ts'

const facts = { app: 'shop', size: 20, active: 20, waiting: 3, waitMs: 6_400, used: 20, free: 0 }

test('clients that wait for long are told of, and a burst is not', () => {
  const [alarm, ...more] = alarmsOf(facts)
  assert.deepEqual(more, [])
  assert.equal(alarm?.code, 'pooling.exhausted')
  assert.equal(
    alarm?.what,
    'the pool of shop is exhausted: 3 clients for 6.4 s without one of its 20 connections',
  )
  assert.deepEqual(alarmsOf({ ...facts, waitMs: 4_999 }), [])
  assert.deepEqual(alarmsOf({ ...facts, waiting: 0 }), [])
})
