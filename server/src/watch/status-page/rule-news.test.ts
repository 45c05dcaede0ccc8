import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOW } from '../incidents/incidents.fixture.ts'
import type { Window } from '../maintenance/rule.ts'
import { NEWS_MS, newsOf, titleOf } from './rule-news.ts'
import { publicIncident, update, window } from './status-page.fixture.ts'

const HOUR = 3_600_000
const none = new Set<string>()
const keys = (facts: Partial<Parameters<typeof newsOf>[0]>, known: ReadonlySet<string> = none, now = NOW) =>
  newsOf({ incidents: [], windows: [], ...facts }, known, now).map(one => one.key)

test('each word that was said in public is news once, oldest first', () => {
  const incidents = [
    publicIncident({
      updates: [update({ id: 1, at: NOW - 9 }), update({ id: 2, at: NOW - 3, as: 'resolved' })],
    }),
    publicIncident({ id: 13, updates: [update({ id: 3, at: NOW - 5 })] }),
  ]
  assert.deepEqual(keys({ incidents }), ['incident:12:1', 'incident:13:3', 'incident:12:2'])
  assert.deepEqual(keys({ incidents }, new Set(['incident:12:1', 'incident:13:3'])), ['incident:12:2'])
  assert.deepEqual(keys({ incidents }, none, NOW + NEWS_MS), [])
})

test('an incident that ended without a public word is told to be over, without what was said among people', () => {
  const incidents = [publicIncident({ resolved: { by: 'SECRET', at: NOW - 1 } })]
  const [, over] = newsOf({ incidents, windows: [] }, none, NOW)
  assert.deepEqual(
    [over!.key, over!.title, over!.text],
    ['incident:12:over', 'Resolved: Partial outage', 'This incident is over.'],
  )
})

test('in public an incident has the title that was said there, or one by how bad it is', () => {
  assert.equal(titleOf(publicIncident({ severity: 'critical' })), 'Major outage')
  const of = publicIncident({ updates: [update({ components: ['Booking', 'Mail'] })] })
  assert.equal(titleOf(of), 'Partial outage: Booking and Mail')
  const said = publicIncident({ updates: [update({ title: 'Slow' }), update()] })
  assert.equal(titleOf(said), 'Slow')
})

const WINDOWS: Array<[string, Partial<Window>, string[]]> = [
  ['planned, and nobody was told', { told: [] }, []],
  ['announced the day before', { told: ['day'] }, ['day']],
  ['announced the hour before', { told: ['day', 'hour'] }, ['hour']],
  ['begun', { state: 'on', beginsAt: NOW - 5 }, ['begin']],
  ['over', { state: 'over', beginsAt: NOW - HOUR, endsAt: NOW - 5 }, ['end']],
  ['cancelled before anybody was told', { state: 'cancelled', told: [] }, []],
  ['cancelled', { state: 'cancelled' }, ['cancel']],
  ['missed', { state: 'missed', endsAt: NOW - 5 }, ['miss']],
  ['over for long', { state: 'over', endsAt: NOW - 2 * NEWS_MS }, []],
]
for (const [name, more, which] of WINDOWS)
  test(`what is told of a maintenance: ${name}`, () =>
    assert.deepEqual(
      keys({ windows: [window(more)] }),
      which.map(one => `maintenance:4:${one}`),
    ))
