import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsOf } from './sizing.ts'

const GB = 1024 ** 3
const of = (gb: number, clusters: number) => settingsOf({ memory: gb * GB, cores: 2, clusters })

test('a cluster that is alone has a quarter of the memory up to 512 MB, several have less each', () => {
  assert.deepEqual(
    [of(1, 1), of(4, 1), of(64, 1), of(2, 4), of(8, 5), of(64, 5), of(1, 20)].map(
      one => one['shared_buffers'],
    ),
    ['256MB', '512MB', '512MB', '128MB', '128MB', '128MB', '32MB'],
  )
})

test('what PostgreSQL may expect of the cache is never less than its buffers, and all is a number with a unit', () => {
  for (const gb of [0.5, 1, 4, 64])
    for (const clusters of [1, 2, 20]) {
      const { shared_buffers: buffers, effective_cache_size: cache, ...others } = of(gb, clusters)
      assert.ok(Number.parseInt(cache!, 10) >= 2 * Number.parseInt(buffers!, 10))
      for (const value of Object.values(others)) assert.match(value, /^\d+(MB)?$/)
    }
})
