import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bucket, countedBy, taken } from './bucket.ts'

test('as many as the burst are taken at once, and then as many as come back with time', () => {
  let bucket: Bucket | undefined
  const one = (now: number) => {
    const left = taken({ burst: 10, perSecond: 1 }, bucket, now)
    bucket = left ?? bucket
    return left !== null
  }
  assert.equal(Array.from({ length: 12 }, () => one(0)).filter(Boolean).length, 10)
  assert.deepEqual([one(900), one(1_100), one(1_200), one(2_200)], [false, true, false, true])
  assert.equal(Array.from({ length: 12 }, () => one(3_600_000)).filter(Boolean).length, 10)
})

test('each key is counted by itself, and made-up keys take no more room than there is', () => {
  const may = countedBy({ burst: 2, perSecond: 1 }, 3)
  const one = (key: string) => may(key, 0)
  assert.deepEqual([one('a'), one('a'), one('a'), one('b')], [true, true, false, true])
  for (const key of ['c', 'b']) one(key)
  assert.equal(one('a'), false, 'it is still known')
  one('d')
  assert.equal(one('a'), true, 'the one that came least lately was forgotten')
})
