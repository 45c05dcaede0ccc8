import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { batching } from './batch.ts'

function batch(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const taken: Array<readonly number[]> = []
  return {
    ...batching<number>(items => taken.push(items)),
    taken,
    pass: (ms: number) => t.mock.timers.tick(ms),
  }
}

test('what comes within a moment is passed on together, in order, and once', t => {
  const { add, taken, pass } = batch(t)
  add(1)
  pass(79)
  add(2)
  assert.deepEqual(taken, [])
  pass(1)
  assert.deepEqual(taken, [[1, 2]])
  pass(1_000)
  assert.deepEqual(taken, [[1, 2]], 'nothing is passed on of nothing')
})

test('the next item after that begins a batch of its own', t => {
  const { add, taken, pass } = batch(t)
  add(1)
  pass(80)
  add(2)
  pass(80)
  assert.deepEqual(taken, [[1], [2]])
})

test('what is dropped is never passed on, and a new batch waits its whole time', t => {
  const { add, drop, taken, pass } = batch(t)
  add(1)
  pass(60)
  drop()
  add(2)
  pass(60)
  assert.deepEqual(taken, [])
  pass(20)
  assert.deepEqual(taken, [[2]])
})

test('an item that comes while others are passed on is in the next batch', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const taken: Array<readonly number[]> = []
  const one = batching<number>(items => {
    taken.push(items)
    if (items[0] === 1) one.add(2)
  })
  one.add(1)
  t.mock.timers.tick(80)
  t.mock.timers.tick(80)
  assert.deepEqual(taken, [[1], [2]])
})
