import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TLS } from '../../config/tls.ts'
import type { Attempt, Certificate, Wanted } from './certificate.ts'
import { covers, due, isWorthwhile, missing, need, pause, renewalAt, share, sourceNow } from './due.ts'

const DAY = 86_400_000
const AUTHORITY = 'https://ca.example/dir'

const wanted = (...names: string[]): Wanted => ({
  app: 'shop',
  names,
  others: [],
  tls: { ...TLS, authority: AUTHORITY },
  secrets: {},
  files: null,
})
/** The same from another authority, or from one of two. */
const by = (authority: string, second?: string): Wanted => ({
  ...wanted('a.example'),
  tls: { ...TLS, authority, ...(second === undefined ? {} : { fallback: { authority: second } }) },
})
const certificate = (names: string[], life: number, more: Partial<Certificate> = {}): Certificate => ({
  app: 'shop',
  authority: AUTHORITY,
  names,
  chain: '',
  key: '',
  from: 0,
  to: life,
  goodSince: 0,
  window: null,
  ...more,
})
const failed = (names: string[], nextAt: number, more: Partial<Attempt> = {}): Attempt => ({
  app: 'shop',
  at: 0,
  authority: AUTHORITY,
  names,
  failures: 1,
  nextAt,
  reason: 'no',
  problems: {},
  ...more,
})
const facts = { attempt: null, changed: false }

test('a certificate is renewed when two thirds of its life are over, whatever that is, and a little earlier by chance', () => {
  for (const life of [6 * DAY, 45 * DAY, 90 * DAY, 398 * DAY, 20_000]) {
    const at = renewalAt(certificate(['a.example'], life))
    assert.ok(at <= (life * 2) / 3 && at >= life * 0.64, String(life))
  }
  const days = new Set(
    Array.from({ length: 50 }, (_, n) => renewalAt(certificate(['a'], 90 * DAY, { app: `app-${n}` }))),
  )
  assert.ok(days.size > 45, 'many of one day are spread')
})

test('the time that the authority named wins, in both directions', () => {
  const window = { from: 10 * DAY, to: 11 * DAY, again: 0 }
  const early = renewalAt(certificate(['a'], 90 * DAY, { window }))
  assert.ok(early >= window.from && early < window.to)
  const at = (now: number) =>
    due({ ...facts, now, wanted: wanted('a'), certificate: certificate(['a'], 90 * DAY, { window }) })
  assert.deepEqual([at(window.from - 1), at(window.to)], [null, 'renew'])
})

test('what is due', () => {
  const good = certificate(['a.example', 'b.example'], 90 * DAY)
  const cases: Array<[string, Parameters<typeof due>[0], ReturnType<typeof due>]> = [
    ['nothing is wanted', { ...facts, now: 0, wanted: wanted(), certificate: null }, null],
    ['there is none', { ...facts, now: 0, wanted: wanted('a.example'), certificate: null }, 'issue'],
    ['all is well', { ...facts, now: DAY, wanted: wanted('a.example'), certificate: good }, null],
    [
      'a name is new',
      { ...facts, now: DAY, wanted: wanted('a.example', 'c.example'), certificate: good },
      'issue',
    ],
    ['a name is gone', { ...facts, now: DAY, wanted: wanted('b.example'), certificate: good }, null],
    [
      'another authority is wanted',
      { ...facts, now: DAY, wanted: by('https://other/dir'), certificate: good },
      'issue',
    ],
    [
      'its time has come',
      { ...facts, now: 61 * DAY, wanted: wanted('a.example'), certificate: good },
      'renew',
    ],
    [
      'a clock that was set back a year',
      { ...facts, now: -365 * DAY, wanted: wanted('a.example'), certificate: good },
      null,
    ],
  ]
  for (const [what, given, expected] of cases) assert.equal(due(given), expected, what)
})

test('after a try that failed it waits, but not for a name or an authority that is new', () => {
  const now = 61 * DAY
  const given = {
    changed: false,
    now,
    wanted: wanted('a'),
    certificate: certificate(['a'], 90 * DAY),
  }
  assert.equal(due({ ...given, attempt: failed(['a'], now + 1) }), null)
  assert.equal(due({ ...given, attempt: failed(['a'], now) }), 'renew')
  assert.equal(due({ ...given, wanted: wanted('a', 'b'), attempt: failed(['a'], now + 1) }), 'renew')
  assert.equal(
    due({ ...given, attempt: failed(['a'], now + 1, { authority: 'https://other/dir' }) }),
    'renew',
  )
})

test('pauses double up to a bound, and are short while no authority is asked', () => {
  const minutes = (looked: boolean) => [1, 2, 3, 8, 50].map(n => pause(n, looked) / 60_000)
  assert.deepEqual(minutes(false), [5, 10, 20, 640, 720])
  assert.deepEqual(minutes(true), [0.5, 1, 2, 60, 60])
})

test('when names fall out, another certificate for what is covered already is not ordered', () => {
  const given = {
    changed: false,
    now: DAY,
    wanted: wanted('a', 'b', 'c'),
    certificate: certificate(['a', 'b'], 90 * DAY),
  }
  assert.equal(isWorthwhile(['a', 'b'], given), false)
  assert.equal(isWorthwhile(['a', 'c'], given), true)
  assert.equal(isWorthwhile([], given), false)
  assert.equal(
    isWorthwhile(['a'], { ...given, now: 61 * DAY }),
    true,
    'it is renewed for those that are left',
  )
  assert.equal(isWorthwhile(['a'], { ...given, certificate: null }), true)
  assert.deepEqual(missing(wanted('a', 'd'), given.certificate), ['d'])
})

test('a wildcard is for one label', () => {
  const names = ['*.a.com', 'b.com']
  const cases = {
    'x.a.com': true,
    'a.com': false,
    'x.y.a.com': false,
    'b.com': true,
    '*.a.com': true,
    'x.b.com': false,
  }
  for (const [name, is] of Object.entries(cases)) assert.equal(covers(names, name), is, name)
})

test('shares are shares', () => {
  for (const text of ['', 'shop', 'a'.repeat(1_000), 'ü']) assert.ok(share(text) >= 0 && share(text) < 1)
})

test('a second authority is asked when the first one failed three times and little is left, and the first one again after it', () => {
  const [first, second] = [AUTHORITY, 'https://second/dir']
  const both = by(first, second)
  const life = certificate(['a.example'], 6 * DAY)
  const tried = (failures: number, more: Partial<Attempt> = {}) =>
    failed(['a.example'], 0, { failures, ...more })
  const cases: Array<[string, Omit<Parameters<typeof sourceNow>[0], 'wanted'>, string]> = [
    ['nothing failed', { now: 5 * DAY, certificate: life, attempt: null }, first],
    ['it failed twice', { now: 5 * DAY, certificate: life, attempt: tried(2) }, first],
    ['there is time', { now: 4.4 * DAY, certificate: life, attempt: tried(9) }, first],
    ['there is none', { now: 4.6 * DAY, certificate: life, attempt: tried(3) }, second],
    ['it is over', { now: 7 * DAY, certificate: life, attempt: tried(3) }, second],
    ['there never was one', { now: 0, certificate: null, attempt: tried(3) }, second],
    [
      'a name lacks something',
      { now: 5 * DAY, certificate: life, attempt: tried(9, { reason: null }) },
      first,
    ],
    [
      'the second one failed',
      { now: 5 * DAY, certificate: life, attempt: tried(4, { authority: second }) },
      first,
    ],
  ]
  for (const [what, given, expected] of cases)
    assert.equal(sourceNow({ ...given, wanted: both }), expected, what)
  assert.equal(sourceNow({ now: 0, certificate: null, attempt: tried(9), wanted: by(first) }), first)
})

test('a certificate of the second authority is as good as one of the first, and both wait after a try that failed', () => {
  const [both, second] = [by(AUTHORITY, 'https://second/dir'), 'https://second/dir']
  const own = certificate(['a.example'], 90 * DAY, { authority: second })
  assert.equal(need({ now: DAY, wanted: both, certificate: own, changed: false }), null)
  assert.equal(need({ now: DAY, wanted: by(AUTHORITY), certificate: own, changed: false }), 'issue')
  const attempt = failed(['a.example'], DAY, { authority: second })
  assert.equal(due({ now: 0, wanted: both, certificate: null, attempt, changed: false }), null)
})
