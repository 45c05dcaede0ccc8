import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currentRelease } from './app.ts'

test('after a partial deploy the newest of the releases that serve is the current one, in whatever order they stand', () => {
  const at = (...releases: string[]) => ({
    live: Object.fromEntries(releases.map((release, n) => [`s${n}`, { release, colour: 'blue' as const }])),
  })
  assert.equal(currentRelease(at('r9', 'r10')), 'r10')
  assert.equal(currentRelease(at('r10', 'r9')), 'r10')
  assert.equal(currentRelease(at('r2', 'r2')), 'r2')
  assert.equal(currentRelease(at()), null)
  assert.equal(currentRelease(null), null)
})
