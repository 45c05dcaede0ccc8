import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release } from './release.ts'
import { admitBuild, prunable, sameBuild } from './rule.ts'

const GB = 1024 ** 3
const room = { memoryAvailable: 4 * GB, diskFree: 50 * GB, diskTotal: 100 * GB }
const release = (number: number, more: Partial<Release> = {}): Release =>
  ({
    app: 'shop',
    id: `r${number}`,
    number,
    state: 'ready',
    artifacts: { api: `r${number}` },
    config: { services: [{ name: 'api' }], release: null },
    ...more,
  }) as Release

test('a build gets what it asks for when there is room', () => {
  assert.deepEqual(admitBuild(room, { buildMemory: 2 * GB, lastReleaseBytes: 0 }), { memoryBytes: 2 * GB })
})

test('a build that asks for nothing gets half of what is free, and 2 GB at least where that is free', () => {
  const of = (memoryAvailable: number) =>
    admitBuild({ ...room, memoryAvailable }, { buildMemory: undefined, lastReleaseBytes: 0 })
  assert.deepEqual(of(22 * GB), { memoryBytes: 11 * GB })
  assert.deepEqual(of(3 * GB), { memoryBytes: 2 * GB })
  assert.deepEqual(of(1.25 * GB), { memoryBytes: GB })
})

test('on a small server a build gets what is left above the reserve', () => {
  assert.deepEqual(
    admitBuild({ ...room, memoryAvailable: GB }, { buildMemory: 2 * GB, lastReleaseBytes: 0 }),
    { memoryBytes: 0.75 * GB },
  )
})

test('a build that would take memory or disk from the services is refused', () => {
  assert.equal(
    (
      admitBuild({ ...room, memoryAvailable: 0.5 * GB }, { buildMemory: 2 * GB, lastReleaseBytes: 0 }) as {
        refused: string
      }
    ).refused,
    'memory',
  )
  assert.equal(
    (
      admitBuild({ ...room, diskFree: 2.5 * GB }, { buildMemory: 2 * GB, lastReleaseBytes: GB }) as {
        refused: string
      }
    ).refused,
    'disk',
  )
})

test('the last good releases are kept, failed ones do not count, and what serves is never removed', () => {
  const all = [1, 2, 3, 4, 5, 6, 7].map(n => release(n, n === 5 ? { state: 'failed' } : {}))
  assert.deepEqual(
    prunable(all, 3, new Set(['r1'])).map(r => r.id),
    ['r3', 'r2'],
  )
})

test('releases of the same files do not push out those of earlier code', () => {
  const again = (number: number) => release(number, { artifacts: { api: 'r3' } })
  const all = [release(1), release(2), release(3), again(4), again(5), again(6)]
  assert.deepEqual(
    prunable(all, 2, new Set()).map(r => r.id),
    ['r4', 'r1'],
    'r3 lends its files, r2 is the code before',
  )
})

test('a release that lends a service its files stays as long as the borrower', () => {
  const all = [release(1), release(2), release(3), release(4, { artifacts: { web: 'r4', api: 'r1' } })]
  assert.deepEqual(
    prunable(all, 2, new Set()).map(r => r.id),
    ['r2'],
  )
})

test('the files of the newest release that was built of the same serve again, wherever they lie', () => {
  const built = { buildKey: 'k' }
  const same = (...releases: Release[]) => sameBuild(releases, 'k')?.id ?? null
  assert.equal(same(release(1, built), release(2, built), release(3, { ...built, buildKey: 'other' })), 'r2')
  const again = release(4, { buildKey: 'k', artifacts: { api: 'r2' } })
  assert.equal(
    same(release(2, built), again),
    'r2',
    'of a release that has none of its own: those that it runs',
  )
  for (const state of ['failed', 'pruned', 'building'] as const)
    assert.equal(same(release(1, { ...built, state })), null, state)
  assert.equal(same(release(2, { ...built, state: 'pruned' }), again), null)
  assert.equal(same(release(1)), null)
})
