import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseSizes } from './database-sizes.ts'

test('the size of a database is asked for every five minutes, and nobody waits for it', async () => {
  const state = { now: 0, asked: 0, answer: Promise.resolve<number | null>(7) }
  const sizes = databaseSizes(
    async () => {
      state.asked++
      return state.answer
    },
    { now: () => state.now, sleep: async () => {} },
  )
  const settled = () => new Promise(setImmediate)
  assert.equal(sizes('shop'), null)
  await settled()
  assert.deepEqual([sizes('shop'), state.asked], [7, 1])
  state.now = 300_000
  state.answer = new Promise(() => {})
  assert.equal(sizes('shop'), 7, 'one that hangs leaves what was known')
  assert.equal(sizes('shop'), 7)
  assert.equal(state.asked, 2)
  state.now = 600_000
  state.answer = Promise.reject(new Error('refused'))
  sizes('shop')
  await settled()
  assert.equal(sizes('shop'), null)
})
