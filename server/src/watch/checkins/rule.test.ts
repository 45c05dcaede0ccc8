import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckinConfig } from '../../config/probes.ts'
import { afterCall, alarmOf, type Called, type CheckinState, callOf, judge } from './rule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const every = (more: Partial<CheckinConfig> = {}): CheckinConfig => ({
  ...{ every: HOUR, grace: 10 * MINUTE, level: 'critical' },
  ...more,
})
const NEVER: Called = { since: 0, endedAt: null, startedAt: null, failedAt: null, code: null }
/** At the second hour of each day. */
const nextRun = (_: string, after: number) =>
  Math.floor((after - 2 * HOUR) / (24 * HOUR) + 1) * 24 * HOUR + 2 * HOUR

/** What a job said, and when: `10 end`, in minutes. */
function called(...said: string[]): Called {
  return said.reduce((known, one) => {
    const [at, call] = one.split(' ')
    return afterCall(known, callOf(call === 'end' ? undefined : call)!, Number(at) * MINUTE)
  }, NEVER)
}

test('a job is late after its time, and missed after its grace, from its deploy or its last call on', () => {
  const cases: Array<[said: string[], minute: number, state: CheckinState]> = [
    [[], 0, 'waiting'],
    [[], 60, 'waiting'],
    [[], 65, 'late'],
    [[], 70, 'late'],
    [[], 71, 'missed'],
    [['30 end'], 31, 'ok'],
    [['30 end'], 91, 'late'],
    [['30 end'], 101, 'missed'],
    [['30 end', '200 end'], 201, 'ok'],
    [['30 fail'], 31, 'failed'],
    [['30 3'], 31, 'failed'],
    [['30 0'], 31, 'ok'],
    [['30 fail'], 101, 'missed'],
    [['30 fail', '40 end'], 41, 'ok'],
    [['30 fail', '40 start'], 41, 'failed'],
    [['30 start'], 31, 'running'],
    [['30 start'], 41, 'missed'],
    [['30 start', '35 end'], 41, 'ok'],
    [['69 start'], 78, 'running'],
    [['69 start'], 80, 'missed'],
    [['30 end', '90 start'], 99, 'running'],
  ]
  for (const [said, minute, state] of cases) {
    const judged = judge(every(), called(...said), { now: minute * MINUTE, nextRun })
    assert.equal(judged.state, state, `${said.join(', ')} at ${minute}`)
  }
})

test('by cron it is expected at the next time after its last call', () => {
  const wanted = every({ every: '0 2 * * *' })
  const at = (said: Called, hours: number) => judge(wanted, said, { now: hours * HOUR, nextRun })
  assert.deepEqual(at(NEVER, 1), { state: 'waiting', next: 2 * HOUR, until: 2 * HOUR + 10 * MINUTE })
  assert.equal(at(NEVER, 3).state, 'missed')
  assert.deepEqual(at(called('121 end'), 3), { state: 'ok', next: 26 * HOUR, until: 26 * HOUR + 10 * MINUTE })
  const never = judge(wanted, NEVER, { now: HOUR, nextRun: () => null })
  assert.deepEqual(never, { state: 'waiting', next: null, until: null }, 'a pattern that never comes')
})

test('while its app is stopped nobody is waited for, and afterwards from then on', () => {
  const long = called('30 end')
  assert.equal(judge(every(), { ...long, since: null }, { now: 9 * HOUR, nextRun }).state, 'paused')
  assert.equal(judge(every(), { ...long, since: 9 * HOUR }, { now: 9.5 * HOUR, nextRun }).state, 'ok')
  const began = { ...called('30 start'), since: 9 * HOUR }
  assert.equal(
    judge(every(), began, { now: 9.5 * HOUR, nextRun }).state,
    'waiting',
    'it was stopped with the app',
  )
})

test('an alarm says which job, when it was expected, and what it said last', () => {
  const told = (said: string[], minute: number, more: Partial<CheckinConfig> = {}) => {
    const checkin = { app: 'shop', name: 'nightly', config: every(more), called: called(...said) }
    const found = alarmOf(checkin, judge(checkin.config, checkin.called, { now: minute * MINUTE, nextRun }))
    return found === null ? null : `${found.level} ${found.code} ${found.name}: ${found.what}`
  }
  assert.equal(told(['30 end'], 95), null)
  assert.equal(
    told([], 71),
    'late checkin.missed nightly: the job nightly of shop did not call: it was expected at 1970-01-01 01:00 UTC, and it never did',
  )
  assert.match(
    told(['30 end'], 101, { level: 'warning' })!,
    /^soon.*01:30 UTC, and the last time was .*00:30 UTC$/,
  )
  assert.match(told(['30 start'], 41)!, /it began at 1970-01-01 00:30 UTC and has not ended$/)
  assert.match(told(['30 3'], 31)!, /^late checkin.failed .* failed at 1970-01-01 00:30 UTC with 3$/)
})

test('what stands behind an address is a word or an exit status', () => {
  const cases = [
    [undefined, { kind: 'end' }],
    ['0', { kind: 'end' }],
    ['start', { kind: 'start' }],
    ['fail', { kind: 'fail', code: null }],
    ['1', { kind: 'fail', code: 1 }],
    ['255', { kind: 'fail', code: 255 }],
    ['256', null],
    ['01', null],
    ['-1', null],
    ['done', null],
  ] as const
  for (const [said, call] of cases) assert.deepEqual(callOf(said), call, said)
})
