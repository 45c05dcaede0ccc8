import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alert, incident, MINUTE, NOW, world } from './incidents.fixture.ts'
import { beganWith, CALM_MS, decide } from './rule.ts'

const NONE = new Map<string, number | null>()
/** Occurrences that an open incident has. */
const has = (...occurrences: string[]) => new Map(occurrences.map(one => [one, null] as const))
const nothing = { open: [], join: [], acknowledge: [], resolve: [] }

test('critical alerts of one app open one incident, as bad as the worst, from the beginning of the first', () => {
  const errors = alert('AppErrors', { since: NOW - 5 * MINUTE })
  const { open, ...others } = decide(world([errors, alert('app.down')], { silences: [] }), [], NONE)
  assert.deepEqual(others, { join: [], acknowledge: [], resolve: [] })
  // What an app that is down answers with errors follows from that, and is told with it.
  assert.deepEqual(open, [
    {
      ...{ app: 'shop', title: 'app.down is wrong', severity: 'critical', impact: null, lead: null },
      ...{ beganAt: NOW - MINUTE, openedAt: NOW, openedBy: 'keeper', occurrences: ['o-app.down'] },
    },
  ])
  const [both] = decide(world([errors, alert('probe.broken')]), [], NONE).open
  assert.deepEqual(
    [both!.severity, both!.beganAt, both!.occurrences],
    ['major', NOW - 5 * MINUTE, ['o-AppErrors', 'o-probe.broken']],
  )
})

test('each app has an incident of its own, and the server one', () => {
  const disk = alert('DiskSpace', { labels: { alertname: 'DiskSpace', severity: 'critical' } })
  const bar = alert('app.down', {
    labels: { alertname: 'app.down', severity: 'critical', app: 'bar' },
    occurrence: 'b',
  })
  const { open } = decide(world([alert('app.down'), disk, bar]), [], NONE)
  assert.deepEqual(
    open.map(({ app }) => app),
    ['shop', null, 'bar'],
  )
})

test('warnings, what is over, what is silenced or expected, and work that was left lying open none', () => {
  const labels = (alertname: string, severity = 'critical') => ({ alertname, severity, app: 'shop' })
  const none = [
    alert('a', { labels: labels('a', 'warning') }),
    alert('b', { state: 'over', overAt: NOW }),
    alert('backup.overdue'),
    alert('incident.open'),
  ]
  assert.deepEqual(decide(world(none), [], NONE), nothing)
  assert.deepEqual(decide(world([alert('app.down')], { quiet: new Set(['shop']) }), [], NONE), nothing)
  const silence = {
    ...{ id: 's', startsAt: 0, endsAt: NOW + MINUTE, updatedAt: 0, createdBy: 'anna', comment: '' },
    matchers: [{ name: 'app', value: 'shop', isRegex: false, isEqual: true }],
  }
  assert.deepEqual(decide(world([alert('app.down')], { silences: [silence] }), [], NONE), nothing)
})

test('another alert of the app joins the open incident, and one that an incident had opens no other', () => {
  const given = world([alert('app.down'), alert('DatabaseConnections')])
  const other = incident({ occurrences: ['o-DatabaseConnections'] })
  assert.deepEqual(decide(given, [other], has('o-DatabaseConnections')), {
    ...nothing,
    join: [{ incident: 12, occurrence: 'o-app.down' }],
  })
  assert.deepEqual(decide(world([alert('app.down')]), [], has('o-app.down')), nothing)
})

test('what comes again after a person resolved it opens another one, and what went on meanwhile does not', () => {
  const again = alert('app.down', { openings: [NOW - 5 * MINUTE, NOW - MINUTE] })
  const resolvedAt = (at: number) => new Map([['o-app.down', at]])
  assert.equal(decide(world([again]), [], resolvedAt(NOW - 2 * MINUTE)).open.length, 1)
  assert.deepEqual(decide(world([again]), [], resolvedAt(NOW - MINUTE)), nothing)
})

test('whoever takes an alert in hand has the incident in hand', () => {
  const acked = { by: 'anna', at: NOW - 1 }
  const { acknowledge } = decide(world([alert('app.down', { acked })]), [incident()], has('o-app.down'))
  assert.deepEqual(acknowledge, [{ incident: 12, stamp: acked }])
})

test('it is resolved at the moment when the last alert was over, once that has lasted', () => {
  const at = (overAt: number, more = {}) =>
    decide(
      world([alert('app.down', { state: 'over', overAt, ...more })]),
      [incident({ openedAt: NOW - 60 * MINUTE })],
      NONE,
    ).resolve
  assert.deepEqual(at(NOW - CALM_MS + 1), [])
  assert.deepEqual(at(NOW - CALM_MS), [{ incident: 12, stamp: { by: 'keeper', at: NOW - CALM_MS } }])
  // Its source fell silent, so nobody knows whether it is over.
  assert.deepEqual(at(NOW - CALM_MS, { state: 'stopped' }), [])
  // They were forgotten before their source said that they are over.
  assert.deepEqual(decide(world([], { now: NOW + 9_000 * MINUTE }), [incident()], NONE).resolve, [])
  const byHand = incident({ openedBy: 'anna', occurrences: [] })
  assert.deepEqual(decide(world([], { now: NOW + 1_000 * MINUTE }), [byHand], NONE), nothing)
})

test('it began with the errors that lead to the alert without a pause', () => {
  assert.equal(beganWith(NOW, []), NOW)
  const errors = [NOW - 200_000, NOW - 55_000, NOW - 110_000, NOW + 5_000]
  assert.equal(beganWith(NOW, errors), NOW - 110_000)
})
