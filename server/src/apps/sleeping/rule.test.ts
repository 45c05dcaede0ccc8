import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Traffic } from '../../reach/edge/edge.ts'
import { after, isIdle, mayTry, visited } from './rule.ts'

const traffic = (requests: number, active = 0) => ({ 'web/r1': { requests, active } as Traffic })

test('an app is idle when nobody asked for so long and nobody is connected', () => {
  const first = visited(undefined, traffic(5), 1_000)
  assert.deepEqual(first, { requests: 5, at: 1_000 })
  const quiet = visited(first, traffic(5), 61_000)
  assert.deepEqual([isIdle(quiet, 60_000, 60_999), isIdle(quiet, 60_000, 61_000)], [false, true])
  assert.equal(isIdle(quiet, false, 1e12), false)
  assert.equal(visited(first, traffic(6), 61_000).at, 61_000)
  assert.equal(visited(first, traffic(5, 1), 61_000).at, 61_000, 'a socket is somebody')
  assert.equal(
    visited(first, traffic(0), 61_000).at,
    61_000,
    'counts that began anew say nothing of the time before',
  )
})

test('a start that fails is tried again ever later', () => {
  const once = after(undefined, 0)
  assert.deepEqual([mayTry(undefined, 0), mayTry(once, 4_999), mayTry(once, 5_000)], [true, false, true])
  const often = Array.from({ length: 20 }).reduce<ReturnType<typeof after>>(tried => after(tried, 0), once)
  assert.equal(often.waitMs, 600_000)
})
