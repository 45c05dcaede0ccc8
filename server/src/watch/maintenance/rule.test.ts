import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentOf, DAY_MS, due, HOUR_MS, type Window } from './rule.ts'

const AT = Date.parse('2026-12-06T01:00:00Z')
const window = (more: Partial<Window> = {}): Window => ({
  ...{ id: 3, app: 'shop', state: 'planned', beginsAt: AT, endsAt: AT + 2 * HOUR_MS, text: null, by: 'anna' },
  ...{ allow: [], commands: [], told: [], run: null },
  ...more,
})
const does = (given: Window, now: number, running = false) => {
  const act = due(given, { now, running })
  return act === null ? null : act.type === 'tell' ? `tell ${act.which}` : act.type
}

test('it is announced the day and the hour before, each once, and late only once', () => {
  assert.equal(does(window(), AT - DAY_MS - 1), null)
  assert.equal(does(window(), AT - DAY_MS), 'tell day')
  assert.equal(does(window({ told: ['day'] }), AT - HOUR_MS - 1), null)
  assert.equal(does(window({ told: ['day'] }), AT - HOUR_MS), 'tell hour')
  assert.equal(does(window({ told: ['hour'] }), AT - 1), null)
})

test('it begins, runs its commands once, and ends; one whose time passed while nobody looked is missed', () => {
  const commands = ['npm run vacuum']
  assert.equal(does(window(), AT), 'begin')
  assert.equal(does(window({ state: 'on' }), AT), null)
  assert.equal(does(window({ state: 'on', commands }), AT), 'run')
  assert.equal(does(window({ state: 'on', commands, run: 'r' }), AT + 1), null)
  assert.equal(does(window({ state: 'on' }), AT + 2 * HOUR_MS), 'end')
  // The edge opens by itself at the end, so it is made longer before.
  assert.equal(does(window({ state: 'on', commands, run: 'r' }), AT + 2 * HOUR_MS - 60_000, true), 'lengthen')
  assert.equal(does(window({ state: 'on', commands, run: 'r' }), AT + HOUR_MS, true), null)
  assert.equal(does(window({ state: 'on', commands, run: 'r' }), AT + 2 * HOUR_MS - 60_000), null)
  assert.equal(does(window(), AT + 2 * HOUR_MS), 'miss')
  for (const state of ['over', 'cancelled', 'missed'] as const)
    assert.equal(does(window({ state }), AT + 1), null, state)
})

test('what is told says when, in which time, and what becomes of it', () => {
  const around = { now: AT - DAY_MS + 20_000, link: null }
  const day = contentOf(window({ text: 'New rooms', commands: ['npm run vacuum'] }), 'day', around)
  assert.equal(day.title, 'shop: maintenance in 1 d, 2026-12-06 01:00 UTC – 03:00 UTC')
  assert.match(
    day.text,
    /^New rooms\nVisitors get a page meanwhile\.\nIt runs npm run vacuum\.\nPlanned by anna\.$/,
  )
  const end = contentOf(window({ commands: ['npm run vacuum'] }), 'end', around)
  assert.deepEqual([end.level, end.title], ['over', 'shop: maintenance is over'])
  assert.match(end.text, /did not run: something else changed the app/)
  assert.doesNotMatch(contentOf(window({ run: 'r', commands: ['x'] }), 'end', around).text, /did not run/)
})
