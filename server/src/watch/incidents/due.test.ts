import assert from 'node:assert/strict'
import { test } from 'node:test'
import { due } from './due.ts'
import { alert, incident, MINUTE, NOW } from './incidents.fixture.ts'

const codes = (facts: Partial<Parameters<typeof due>[0]>, now = NOW) =>
  due({ opened: [], alerts: [], followUps: [], ...facts }, now).map(
    ({ code, level, app }) => `${code} ${level} ${app ?? '-'}`,
  )

test('one that a person opened is told until somebody has it in hand; what its alerts tell is not told again', () => {
  const byHand = incident({ openedBy: 'anna', severity: 'major' })
  assert.deepEqual(codes({ opened: [byHand] }), ['incident.open late shop'])
  assert.deepEqual(codes({ opened: [{ ...byHand, severity: 'minor', app: null }] }), ['incident.open soon -'])
  assert.deepEqual(codes({ opened: [{ ...byHand, acked: { by: 'otto', at: NOW } }] }), [])
  assert.deepEqual(codes({ opened: [incident()] }), [])
})

test('one whose alerts are over for an hour is asked about, and not while one fires', () => {
  const opened = [incident({ openedAt: NOW - 90 * MINUTE })]
  const over = (overAt: number) => [alert('app.down', { state: 'over', overAt })]
  assert.deepEqual(codes({ opened, alerts: over(NOW - 60 * MINUTE) }), ['incident.quiet soon shop'])
  assert.deepEqual(codes({ opened, alerts: over(NOW - 59 * MINUTE) }), [])
  assert.deepEqual(codes({ opened, alerts: [alert('app.down')] }), [])
})

test('what was to be done is asked about from its day on', () => {
  const followUps = [
    { id: 3, incident: 12, app: 'shop', what: 'more disk', dueAt: NOW, by: 'anna', done: null },
  ]
  assert.deepEqual(codes({ followUps }, NOW - 1), [])
  assert.deepEqual(codes({ followUps }), ['incident.follow-up soon shop'])
})
