import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from './outcome.ts'
import { reportOf, scoreOf } from './policy.ts'
import { SecurityReport } from './wire.ts'

const AT = '2026-11-30T00:00:00.000Z'
const one = (
  said: Outcome['said'],
  severity: Outcome['severity'] = 'high',
  more: Partial<Outcome> = {},
): Outcome => ({
  ...{ check: 'web.cors', app: 'shop', subject: 'shop', severity, said },
  ...more,
})
const passed = { state: 'passed' } as const
const found = { state: 'found', what: 'x', fix: 'y' } as const
const unknown = { state: 'unknown', reason: 'z' } as const

test('the score is the share of points that passed; what was not seen gives none', () => {
  assert.equal(scoreOf([one(passed), one(passed)]), 100)
  assert.equal(scoreOf([one(passed), one(unknown)]), 50)
  assert.equal(scoreOf([one(passed, 'low'), one(found, 'medium')]), 33)
  assert.equal(scoreOf([]), 100)
})

test('however much is good, one finding that is critical or high keeps the score down', () => {
  const good = Array.from({ length: 50 }, () => one(passed))
  assert.equal(scoreOf([...good, one(found, 'high')]), 79)
  assert.equal(scoreOf([...good, one(found, 'critical')]), 49)
})

test('the worst comes first, and what is accepted counts neither way', () => {
  const outcomes = [
    one(found, 'low', { check: 'secrets.old' }),
    one(found, 'critical'),
    one(found, 'critical', { app: 'other' }),
    one(unknown, 'high', { check: 'app.root' }),
    one(passed, 'low', { app: null, check: 'people.access', subject: 'the server' }),
  ]
  const report = reportOf(outcomes, AT, app => (app === 'shop' ? { 'web.cors': 'a public API' } : {}))
  assert.deepEqual(SecurityReport.parse(report), report)
  assert.deepEqual(
    report.findings.map(({ app, check }) => [app, check]),
    [
      ['other', 'web.cors'],
      ['shop', 'secrets.old'],
    ],
  )
  assert.deepEqual(
    report.accepted.map(({ app, reason }) => [app, reason]),
    [['shop', 'a public API']],
  )
  assert.equal(report.score, 7, '1 of 8 + 1 + 4 + 1 points')
  assert.deepEqual(
    report.unknown.map(({ check, reason }) => [check, reason]),
    [['app.root', 'z']],
  )
})
