import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Job, JobRun } from './job.ts'
import { HOUR, MINUTE, START, YAML } from './jobs.fixture.ts'
import { overdue } from './rule-alarms.ts'
import { jobView, runView } from './view.ts'

const job = (state: Partial<Job['state']> = {}, more: Partial<Job> = {}): Job => ({
  ...{ app: 'shop', name: 'mail', awake: true, preview: false },
  config: readConfigOrFail(YAML('schedule: 0 * * * *, timeout: 30m, expect: 10m')).jobs['mail']!,
  state: {
    ...{ schedule: '', decidedTo: START, since: START, goodAt: null, failed: null, pausedAt: null },
    ...{ pausedBy: null, ...state },
  },
  ...more,
})

const run = (more: Partial<JobRun>): JobRun => ({
  ...{ id: 'a', app: 'shop', job: 'mail', moment: START, cause: 'schedule', actor: null, state: 'done' },
  ...{ release: 'r1', attempt: 1, startedAt: START, endedAt: START + 4_000, retryAt: null, code: 0 },
  ...{ why: null, first: null, count: 1, kept: true },
  ...more,
})

const next = (after: number) => (Math.floor(after / HOUR) + 1) * HOUR

test('a job is late when no run ended well in its time, and a run is waited for as long as it may take', () => {
  const late = (now: number, runs: JobRun[] = [], of = job()) => overdue(of, { now, next, runs })
  const due = START + HOUR
  assert.equal(late(due + 10 * MINUTE), null)
  assert.equal(late(due + 10 * MINUTE + 1), due)
  assert.equal(late(due + 10 * MINUTE + 1, [], job({ goodAt: due })), null)
  assert.equal(late(due + 10 * MINUTE + 1, [], job({ since: null })), null)
  const runs = [run({ state: 'running', startedAt: due })]
  assert.equal(late(due + 30 * MINUTE, runs), null)
  // What should have been ended by then, and was not, hides nothing.
  assert.equal(late(due + 33 * MINUTE, runs), due)
})

test('a job stands as what matters most of it', () => {
  const stateOf = (of: Job, runs: JobRun[] = [], overdue: number | null = null) =>
    jobView({ job: of, runs, next: null, overdue }, true)
  const cases: Array<[ReturnType<typeof stateOf>, string, string[]]> = [
    [stateOf(job()), 'new', ['run', 'pause']],
    [stateOf(job({ goodAt: START })), 'ok', ['run', 'pause']],
    [stateOf(job({ goodAt: START }), [run({ state: 'running' })]), 'running', ['stop', 'pause']],
    [stateOf(job(), [run({ state: 'retrying' })]), 'waiting', ['stop', 'pause']],
    [stateOf(job({ failed: 'a' }), [run({ state: 'failed' })]), 'failed', ['run', 'pause']],
    [stateOf(job({ goodAt: START }), [], START), 'late', ['run', 'pause']],
    [stateOf(job({ pausedAt: START, pausedBy: 'ada', failed: 'a' })), 'paused', ['run', 'resume']],
    [stateOf(job({ decidedTo: null })), 'off', ['run', 'pause']],
    [stateOf(job({}, { awake: false })), 'stopped', ['pause']],
  ]
  for (const [view, state, can] of cases) assert.deepEqual([view.state, view.can], [state, can])
  assert.deepEqual(jobView({ job: job(), runs: [], next: null, overdue: null }, false).can, [])
})

test('a run is told with what its last try took, and when the next one comes only while there is one', () => {
  assert.equal(runView(run({})).ms, 4_000)
  assert.equal(runView(run({ endedAt: null })).ms, null)
  assert.equal(runView(run({ state: 'due', retryAt: START })).retryAt, null)
  assert.equal(runView(run({ state: 'retrying', retryAt: START })).retryAt, '2026-11-30T08:00:00.000Z')
})
