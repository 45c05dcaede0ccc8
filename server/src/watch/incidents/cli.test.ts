import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import { FollowUp, IncidentDetail, IncidentList, IncidentReview, IncidentView } from './wire.ts'

const at = (minutes: number) => new Date(Date.parse('2026-11-30T10:00:00Z') + minutes * 60_000).toISOString()
const open: IncidentView = {
  ...{
    id: 12,
    app: 'shop',
    title: 'shop is down',
    severity: 'critical',
    impact: null,
    lead: null,
    state: 'open',
  },
  ...{ beganAt: at(0), openedAt: at(1), openedBy: 'keeper', acknowledged: null, resolved: null },
  ...{ requests: 100, errors: 1 },
}
const ended: IncidentView = {
  ...open,
  ...{ id: 11, state: 'resolved', lead: 'otto', acknowledged: { by: 'otto', at: at(3) } },
  resolved: { by: 'otto', at: at(30) },
}
const todo: FollowUp = { id: 3, incident: 11, what: 'more disk', dueAt: at(0), by: 'otto', done: null }
const months = [
  { month: '2026-11', incidents: 1, detectMs: 60_000, acknowledgeMs: 120_000, recoverMs: 1_800_000 },
]
const list = (incidents: IncidentView[]) => ({
  'GET /api/incidents': says(IncidentList, { incidents, months, followUps: [todo] }),
})

test('inn incident lists what is open and was, how fast it was over, and what is to be done', async t => {
  const { out } = await typed(t, ['incident'], list([open, ended]))
  assert.match(out, /12 +open +critical +shop .* goes on +- +shop is down/)
  assert.match(out, /11 +resolved +critical +shop .* 30 min +otto/)
  assert.match(out, /2026-11 +1 +1 min +2 min +30 min/)
  assert.match(out, /3 +11 +2026-11-30 +more disk/)
  const many = Array.from({ length: 12 }, (_, n) => ({ ...ended, id: 50 - n }))
  const short = await typed(t, ['incident'], list([...many, open]))
  assert.doesNotMatch(short.out, /^39 /m)
  assert.match(short.out, /^12 +open/m)
  assert.match((await typed(t, ['incident', 'list', '--all'], list(many))).out, /^39 /m)
  const none = { 'GET /api/incidents': says(IncidentList, { incidents: [], months: [], followUps: [] }) }
  assert.match((await typed(t, ['incident'], none)).out, /no incident/)
})

test('inn incident show has the timeline, with what commands printed below them', async t => {
  const timeline: IncidentDetail['timeline'] = [
    { at: at(0), kind: 'alert', who: null, what: 'critical: shop is down', detail: null },
    { at: at(2), kind: 'command', who: 'otto', what: 'run psql', detail: 'exit code 1\nno \u001b[2Jrows' },
  ]
  const answers = {
    'GET /api/runbooks': says(z.array(z.looseObject({})), [
      { name: 'service-down', fits: true },
      { name: 'disk-full', fits: false },
    ]),
    'GET /api/incidents/12': says(IncidentDetail, {
      ...open,
      timeline,
      followUps: [todo],
      updates: [],
      components: null,
    }),
  }
  const { out } = await typed(t, ['incident', 'show', '#12'], answers)
  assert.match(out, /incident 12, critical, open: shop is down/)
  assert.match(out, /requests +100, 1 error\n/)
  assert.match(out, /run psql \(otto\)\n +exit code 1\n +no rows/)
  assert.match(out, /more disk/)
  assert.match(out, /\ninn runbook run service-down --app shop leads through it\n/)
  assert.doesNotMatch(out, /disk-full/)
  await assert.rejects(typed(t, ['incident', 'show', 'shop'], {}), failsWith('usage.number'))
})

test('inn incident open, set, note, ack, resolve, review, follow-up and done', async t => {
  const path = '/api/incidents/12'
  const answers = {
    'POST /api/incidents': says(IncidentView, open),
    [`POST ${path}/set`]: says(IncidentView, open),
    [`POST ${path}/note`]: says(IncidentView, open),
    [`POST ${path}/ack`]: says(IncidentView, { ...open, acknowledged: { by: 'otto', at: at(1) } }),
    [`POST ${path}/resolve`]: says(IncidentView, { ...ended, id: 12 }),
    [`GET ${path}/review`]: says(IncidentReview, { markdown: '# Incident 12' }),
    [`POST ${path}/follow-ups`]: says(FollowUp, todo),
    'POST /api/follow-ups/3/done': says(FollowUp, todo),
  }
  const type = (...words: string[]) => typed(t, ['incident', ...words], answers)
  const opened = await type('open', 'cards are refused', '--app', 'shop', '--severity', 'minor')
  assert.deepEqual(opened.calls[0]![1], {
    ...{ title: 'cards are refused', app: 'shop', severity: 'minor', impact: null, lead: null },
  })
  assert.match(opened.out, /inn incident ack 12/)
  assert.deepEqual((await type('set', '12', '--lead', 'anna')).calls[0]![1], { lead: 'anna' })
  await assert.rejects(type('set', '12'), failsWith('usage.incident'))
  assert.deepEqual((await type('note', '12', 'x')).calls[0]![1], { note: 'x' })
  assert.match((await type('ack', '12')).out, /otto has incident 12 in hand/)
  assert.match((await type('resolve', '12', 'new key')).out, /lasted 30 min; inn incident review 12/)
  assert.equal((await type('review', '12')).out, '# Incident 12\n')
  const followed = await type('follow-up', '12', 'more disk', '--in', '7d')
  const { dueAt } = followed.calls[0]![1] as { dueAt: string }
  assert.ok(Math.abs(Date.parse(dueAt) - Date.now() - 7 * 86_400_000) < 60_000)
  assert.match(followed.out, /inn incident done 3 ends that/)
  assert.equal((await type('done', '3')).out, 'done: more disk\n')
  assert.deepEqual((await type('done', '3', '--json')).json(), todo)
})
