import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type App, currentRelease, releaseAfter, releaseBefore } from './app.ts'

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

test('back leads to what served before while that is older, else to the newest older one, and never forward', () => {
  const on = (release: string) => ({ release, colour: 'blue' as const })
  const app = (live: string, warm: string | null): Pick<App, 'live' | 'warm'> => ({
    live: { web: on(live) },
    warm: warm === null ? {} : { web: on(warm) },
  })
  const all = ['r1', 'r2', 'r3', 'r10']
  assert.equal(releaseBefore(app('r10', 'r3'), all), 'r3')
  assert.equal(releaseBefore(app('r10', 'r1'), all), 'r1', 'not to a release that was left before')
  assert.equal(releaseBefore(app('r3', 'r10'), all), 'r2', 'it was rolled back from r10')
  assert.equal(releaseBefore(app('r3', null), all), 'r2', 'its only service was renamed, so nothing is warm')
  assert.equal(releaseBefore(app('r3', 'r3'), all), 'r2', 'it was restarted')
  assert.equal(releaseBefore(app('r1', 'r2'), all), null)
  assert.equal(releaseAfter(app('r3', 'r10'), all), 'r10')
  assert.equal(releaseAfter(app('r2', 'r1'), all), 'r3')
  assert.equal(releaseAfter(app('r10', 'r3'), all), null)
  assert.deepEqual(
    [releaseBefore({ live: {}, warm: {} }, all), releaseAfter({ live: {}, warm: {} }, all)],
    [null, null],
  )
})
