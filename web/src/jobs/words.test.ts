import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobRunView } from '../../../server/src/apps/jobs/wire.ts'
import { about, tally } from './words.ts'

const run: JobRunView = {
  ...{
    id: 'a',
    state: 'done',
    moment: '2026-11-30T09:00:00.000Z',
    cause: 'schedule',
    actor: null,
    release: 'r4',
  },
  ...{
    attempt: 1,
    startedAt: null,
    endedAt: null,
    retryAt: null,
    ms: 4_200,
    code: 0,
    why: null,
    first: null,
  },
  ...{ count: 1, kept: true },
}

test('runs are counted by what became of them', () => {
  assert.equal(tally([]), '')
  assert.equal(
    tally([{ state: 'done' }, { state: 'failed' }, { state: 'done' }, { state: 'skipped' }]),
    '2 done, 1 failed and 1 skipped',
  )
})

test('a run is told with how long it took, in which release, and why there was one', () => {
  const rest = (more: Partial<JobRunView>) =>
    about({ ...run, ...more })
      .split(' · ')
      .slice(1)
  assert.deepEqual(rest({}), ['4.2 s', 'r4'])
  assert.deepEqual(rest({ cause: 'late', attempt: 3 }), ['4.2 s', 'r4', 'try 3', 'made up for'])
  assert.deepEqual(rest({ cause: 'person', actor: 'ada', ms: null, release: null }), ['by ada'])
  assert.match(about({ ...run, count: 4 }), /^4 moments until /)
})
