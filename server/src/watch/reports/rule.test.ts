import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Items, Subject } from './facts.ts'
import { DAY, factsWith, HOUR, NOW, WEEK } from './reports.fixture.ts'
import { reportOf, summaryOf } from './rule.ts'
import { contentOf } from './text.ts'

type Changed = Parameters<typeof factsWith>[0]

const all = () => true
const report = (changed: Changed = {}, permits: (app: string | null) => boolean = all) =>
  reportOf(factsWith(changed), { span: WEEK, server: 'alpha', permits })
const section = (name: string, changed: Changed) => report(changed).sections.find(one => one.name === name)!
const alarm = (code: string, level: 'late' | 'soon' = 'late'): Items['alarms'] => ({
  ...{ code, level, what: `${code} is wrong`, fix: '`inn status`', app: 'shop' },
})

const job = (failed: number, missed: number, since: number | null = null) => ({
  ...{ app: 'shop', name: 'reminders', good: 5, failed, missed, since },
})

test('when nothing is wrong the message has a line for each section, and no more', () => {
  const found = report()
  assert.deepEqual(
    found.sections.filter(({ state }) => state !== 'well'),
    [],
  )
  const { level, title, text, link } = contentOf(found, { link: 'https://inn.example.com/', dueAt: null })
  assert.equal(level, 'over')
  assert.equal(title, 'alpha: weekly report: all is well')
  assert.equal(link, 'https://inn.example.com/report?period=week')
  assert.equal(text.split('\n').length, found.sections.length)
  for (const says of [
    'What changed: 1 deploy',
    'Backups: 1 place, the oldest last good backup is 5 h old; 7 restore points taken',
    'Restore drills: 1 proven, 0 failed',
    'Errors and latency: 1000 requests, 0.1 % of them failed',
    'Security updates: 0 for security, 3 updates in all; apt was asked 6 h ago',
    'Access: 4 people and 2 tokens, looked through 12 d ago',
    'Checked by: 2 probes and 30 alert rules',
  ])
    assert.ok(text.includes(says), `${says} in\n${text}`)
})

const traffic = (requests: number, errors: number, p95: number, before: Items['traffic']['before']) => [
  { app: 'shop', now: { requests, errors, p95 }, before, slots: [], measured: 1 },
]
const USUAL = { requests: 1_000, errors: 1, p95: 0.4 }

/** Section, what was found, how it stands, and what its first line or its words have. */
const CASES: ReadonlyArray<readonly [name: Subject, changed: Changed, state: string, says: RegExp]> = [
  ['alerts', { alarms: [alarm('part.down')] }, 'bad', /part.down is wrong/],
  ['alerts', { alarms: [alarm('channel.stuck', 'soon')] }, 'look', /channel.stuck/],
  ['backups', { alarms: [alarm('backup.overdue')] }, 'bad', /backup.overdue/],
  ['drills', { alarms: [alarm('drill.failed')] }, 'bad', /drill.failed/],
  ['certificates', { alarms: [alarm('certificate.renewal', 'soon')] }, 'look', /certificate.renewal/],
  ['checkins', { alarms: [alarm('checkin.missed')] }, 'bad', /checkin.missed/],
  ['jobs', { alarms: [alarm('job.failed')] }, 'bad', /job.failed/],
  ['jobs', { jobs: [job(2, 3)] }, 'look', /reminders failed 2 times and missed 3 moments/],
  [
    'jobs',
    { jobs: [job(0, 0, NOW - DAY)] },
    'unknown',
    /reminders: its runs before 2026-11-29 08:00 UTC are not kept/,
  ],
  ['jobs', { jobs: [job(1, 0, NOW - DAY)] }, 'look', /are not kept/],
  ['jobs', { jobs: [job(0, 0, NOW - 8 * DAY)] }, 'well', /5 runs, 0 failed/],
  ['checks', { alarms: [alarm('probe.failed')] }, 'bad', /probe.failed/],
  ['access', { alarms: [alarm('people.review', 'soon')] }, 'look', /people.review/],
  ['traffic', { traffic: traffic(1_000, 60, 0.4, USUAL) }, 'bad', /6.0 % failed \(before: 0.1 %\)/],
  ['traffic', { traffic: traffic(1_000, 15, 0.4, USUAL) }, 'look', /1.5 % failed/],
  ['traffic', { traffic: traffic(1_000, 15, 0.4, { ...USUAL, errors: 12 }) }, 'well', /1.5 % failed/],
  ['traffic', { traffic: traffic(1_000, 15, 0.4, null) }, 'look', /1000|1,000/],
  ['traffic', { traffic: traffic(10, 5, 0.4, USUAL) }, 'well', /10 requests/],
  ['traffic', { traffic: traffic(1_000, 1, 0.9, USUAL) }, 'look', /within 900 ms \(before: 400 ms\)/],
  ['traffic', { traffic: traffic(1_000, 1, 0.4, { ...USUAL, p95: 0.1 }) }, 'well', /400 ms/],
  ['traffic', { traffic: { why: 'nothing is measured here' } }, 'unknown', /not known: nothing is measured/],
  [
    'runs',
    { runs: [{ app: 'shop', kind: 'deploy', title: 'deploy shop r5', outcome: 'undone' }] },
    'look',
    /taken back/,
  ],
  [
    'runs',
    { runs: [{ app: 'shop', kind: 'backup', title: 'backup shop', outcome: 'stuck' }] },
    'bad',
    /stuck/,
  ],
  [
    'traffic',
    { traffic: [{ ...traffic(100, 0, 0.1, null)[0]!, measured: 0.5 }] },
    'unknown',
    /measured: 84 of 168 hours/,
  ],
  [
    'forecasts',
    { forecasts: [{ kind: 'disk', app: null, of: '/', share: 0.4, fullAt: null, trend: false }] },
    'unknown',
    /too little/,
  ],
  ['runs', { runs: [] }, 'well', /nothing/],
  [
    'incidents',
    {
      incidents: [
        { app: 'shop', id: 3, title: 'down', severity: 'major', openedAt: NOW - HOUR, resolvedAt: null },
      ],
    },
    'bad',
    /incident 3 is open/,
  ],
  [
    'incidents',
    {
      incidents: [
        { app: 'shop', id: 3, title: 'down', severity: 'major', openedAt: NOW - HOUR, resolvedAt: NOW },
      ],
    },
    'well',
    /lasted 1 h/,
  ],
  [
    'backups',
    { backups: [{ app: 'shop', place: null, lastGood: null, problem: null, points: 0 }] },
    'look',
    /nothing of shop/,
  ],
  [
    'backups',
    { backups: [{ app: 'shop', place: 's3', lastGood: NOW, problem: 'timeout', points: 0 }] },
    'look',
    /cannot be read: timeout/,
  ],
  [
    'backups',
    { backups: [{ app: null, place: 's3', lastGood: null, problem: null, points: 0 }] },
    'look',
    /of the keeper yet/,
  ],
  [
    'drills',
    { drills: [{ app: 'shop', state: 'failed', at: NOW - DAY, rtoMs: null, id: 'd2' }] },
    'look',
    /a drill of shop failed/,
  ],
  [
    'drills',
    { drills: [{ app: 'shop', state: 'failed', at: NOW - 8 * DAY, rtoMs: null, id: 'd2' }] },
    'well',
    /none in this time/,
  ],
  [
    'forecasts',
    { forecasts: [{ kind: 'disk', app: null, of: '/', share: 0.7, fullAt: NOW + 5 * DAY, trend: true }] },
    'bad',
    /full on 2026-12-05/,
  ],
  [
    'forecasts',
    { forecasts: [{ kind: 'disk', app: null, of: '/', share: 0.7, fullAt: NOW + 20 * DAY, trend: true }] },
    'look',
    /2026-12-20/,
  ],
  [
    'forecasts',
    { forecasts: [{ kind: 'disk', app: null, of: '/', share: 0.7, fullAt: NOW + 90 * DAY, trend: true }] },
    'well',
    /2027-02-28/,
  ],
  [
    'forecasts',
    { forecasts: [{ kind: 'memory', app: null, of: '', share: 0.95, fullAt: null, trend: false }] },
    'look',
    /95 % of the memory of the server/,
  ],
  ['forecasts', { forecasts: [] }, 'unknown', /nothing was measured/],
  [
    'updates',
    { updates: [{ app: null, security: 2, all: 2, heard: NOW, restart: null }] },
    'look',
    /2 security updates/,
  ],
  [
    'updates',
    { updates: [{ app: null, security: 0, all: 0, heard: null, restart: null }] },
    'unknown',
    /apt was never asked/,
  ],
  [
    'updates',
    { updates: [{ app: null, security: 0, all: 0, heard: NOW - 4 * DAY, restart: null }] },
    'unknown',
    /4 d ago/,
  ],
  [
    'updates',
    { updates: [{ app: null, security: 0, all: 0, heard: NOW, restart: 'a kernel' }] },
    'look',
    /a kernel/,
  ],
  ['security', { security: [{ app: null, severity: 'critical' }] }, 'bad', /1 critical finding/],
  ['security', { security: [{ app: null, severity: 'unknown' }] }, 'unknown', /1 check could not be made/],
  [
    'certificates',
    { certificates: [{ app: 'shop', state: 'over', to: NOW, renewal: null }] },
    'bad',
    /expired/,
  ],
  [
    'access',
    { access: [{ app: null, people: 1, tokens: 1, questions: 2, reviewedAt: null }] },
    'look',
    /2 things to ask about/,
  ],
  [
    'maintenance',
    { maintenance: [{ app: 'shop', id: 2, state: 'missed', beginsAt: NOW - DAY }] },
    'look',
    /maintenance 2 \(missed\)/,
  ],
]

for (const [name, changed, state, says] of CASES)
  test(`${name} is ${state}: ${says.source}`, () => {
    const found = section(name, changed)
    assert.equal(found.state, state, JSON.stringify(found))
    assert.match([found.says, ...found.lines.map(({ text }) => text)].join('\n'), says)
    assert.equal(report(changed).state, state)
  })

test('what could not be looked at is not well, whatever else is', () => {
  const alarms = { why: 'the store does not answer' }
  const names = report({ alarms })
    .sections.filter(({ state }) => state === 'unknown')
    .map(({ name }) => name)
  for (const name of ['alerts', 'backups', 'drills', 'certificates', 'checks', 'checkins', 'incidents'])
    assert.ok(names.includes(name), name)
  const partly = report({ alarms: [alarm('alarms.unknown')] })
  assert.equal(partly.sections.find(({ name }) => name === 'backups')!.state, 'unknown')
  assert.match(summaryOf(partly), /^1 bad and \d+ not known$/)
  // Also for who sees a single app, though the alarm is of none.
  const theirs = report({ alarms: [{ ...alarm('alarms.unknown'), app: null }] }, app => app === 'shop')
  assert.equal(theirs.sections.find(({ name }) => name === 'backups')!.state, 'unknown')
})

test('only apps of whoever asks are told of, and of the server only to whom it is open', () => {
  const others = report(
    { alarms: [{ ...alarm('part.down'), app: null }], traffic: traffic(1_000, 60, 0.4, USUAL) },
    app => app === 'bar',
  )
  assert.equal(JSON.stringify(others).includes('shop'), false)
  assert.equal(JSON.stringify(others).includes('part.down'), false)
  assert.deepEqual(
    others.sections.filter(({ name }) => name === 'updates' || name === 'access'),
    [],
  )
})

test('the message begins with what is wrong, is cut where there is much of it, and says that it is late', () => {
  const runs = Array.from({ length: 9 }, (_, n) => ({
    ...{ app: 'shop', kind: 'deploy', title: `deploy shop r${n}`, outcome: 'undone' as const },
  }))
  const { text, title, level } = contentOf(report({ runs, alarms: [alarm('backup.overdue')] }), {
    ...{ link: null, dueAt: NOW - 3 * HOUR },
  })
  assert.equal(title, 'alpha: weekly report: 1 bad and 1 to look at')
  assert.equal(level, 'soon')
  assert.match(text, /^It was due at 2026-11-30 05:00 UTC, when the keeper did not run\./)
  assert.match(text, /What changed: 9 deploys\n( {2}look: .*\n){5} {2}and 4 more\n/)
  assert.match(text, /BAD: backup\.overdue is wrong \(inn status\)/)
  assert.ok(text.indexOf('Backups') < text.indexOf('Certificates'))
})
