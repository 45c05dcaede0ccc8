import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begunRow } from '../../engine/journal.fixture.ts'
import type { Plan } from '../../engine/plan.ts'
import { iso } from '../../kernel/moments.ts'
import type { AuditEntry } from '../../reach/audit/wire.ts'
import { alert, incident, MINUTE, NOW } from './incidents.fixture.ts'
import { entriesOf, type Facts } from './timeline.ts'

const plan = (title: string, app: string | null): Plan => ({
  ...{ kind: 'deploy', title, app, release: null, locks: [], cleanup: [], notices: [] },
  steps: [{ does: { kind: 'release.migrate' } as never, undo: null }],
})
const act = (id: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{
    id,
    at: iso(NOW),
    actor: 'anna',
    action: 'run',
    app: 'shop',
    run: null,
    detail: 'psql',
    outcome: 'exit code 1',
  },
  ...more,
})
const nothing: Facts = { alerts: [], runs: [], acts: [], told: [], printed: new Map() }
const shown = (facts: Partial<Facts>, of = incident()) =>
  entriesOf(of, of.occurrences, { ...nothing, ...facts }).map(({ key, at, who, what, detail }) =>
    `${key} ${(at - NOW) / MINUTE} ${who ?? '-'} ${what} ${detail ?? ''}`.trim(),
  )

test('changes of the hour before and of its time, with their end, their failure and their migrations', () => {
  const run = (id: string, startedAt: number, app: string | null = 'shop') => ({
    ...begunRow(plan('deploy r8', app), id),
    ...{ startedAt, endedAt: startedAt + MINUTE, state: 'ended' as const, outcome: 'undone' as const },
    failure: { code: 'x', what: 'it failed', why: '', fix: '', facts: {} },
    steps: [{ phase: 'steps' as const, index: 0, state: 'done' as const, ms: 1, note: '2 applied' }],
  })
  const runs = [run('old', NOW - 90 * MINUTE), run('r', NOW - 10 * MINUTE), run('bar', NOW - MINUTE, 'bar')]
  const lines = [
    'run:r:begun -10 anna deploy r8',
    'run:r:ended -9 - deploy r8: undone it failed; migrations: 2 applied',
  ]
  assert.deepEqual(shown({ runs }), lines)
  const backup = { ...run('b', NOW - MINUTE), plan: { ...plan('back up', 'shop'), kind: 'backup' } }
  assert.deepEqual(shown({ runs: [backup] }), [])
  // What is wrong with the server may come from any of them.
  assert.equal(shown({ runs }, incident({ app: null })).length, 4)
})

test('alerts of it and warnings about its app, with who took them in hand and their end', () => {
  const labels = { alertname: 'AppSlow', severity: 'warning', app: 'shop' }
  const alerts = [
    alert('app.down', { acked: { by: 'otto', at: NOW }, overAt: NOW + MINUTE, state: 'over' }),
    alert('AppSlow', { labels, since: NOW }),
    alert('HostCpu', { labels: { alertname: 'HostCpu', severity: 'critical' } }),
  ]
  assert.deepEqual(shown({ alerts }), [
    'alert:o-app.down:begun -1 - critical: app.down is wrong',
    'alert:o-app.down:acked 0 otto in hand: app.down is wrong',
    'alert:o-app.down:over 1 - over: app.down is wrong',
    'alert:o-AppSlow:begun 0 - warning: AppSlow is wrong',
  ])
})

test('that somebody has it in hand is said once', () => {
  const acked = { by: 'otto', at: NOW }
  const held = incident({ acked: { by: 'otto', at: NOW - 1 } })
  assert.deepEqual(shown({ alerts: [alert('app.down', { acked })] }, held), [
    'alert:o-app.down:begun -1 - critical: app.down is wrong',
  ])
})

test('commands with what became of them and what they printed; what stands there by itself is not said twice', () => {
  const acts = [
    act(1),
    act(2, { outcome: 'done', action: 'restart', run: 'r' }),
    act(3, { action: 'incident ack' }),
    act(4, { action: 'ack' }),
    act(5, { app: 'bar' }),
    act(6, { at: iso(NOW - 5 * MINUTE) }),
  ]
  assert.deepEqual(shown({ acts, printed: new Map([[1, 'no rows']]) }), [
    'audit:1 0 anna run psql exit code 1\nno rows',
  ])
})

test('of the whole server only what people did about it, not who signed in', () => {
  const acts = [
    act(1, { app: null, action: 'sign in' }),
    act(2, { action: 'token add' }),
    act(3, { app: 'bar' }),
  ]
  assert.deepEqual(shown({ acts }, incident({ app: null })), ['audit:3 0 anna run psql exit code 1'])
})

test('who was told when, also a little after its end', () => {
  const of = incident({ resolved: { by: 'keeper', at: NOW } })
  const told = [
    { id: 7, channel: 'ops', title: 'shop is down', at: NOW - MINUTE },
    { id: 8, channel: 'ops', title: 'over', at: NOW + MINUTE },
  ]
  assert.deepEqual(shown({ told }, of), [
    'message:7 -1 - ops was told: shop is down',
    'message:8 1 - ops was told: over',
  ])
  assert.deepEqual(shown({ acts: [act(1, { at: iso(NOW + 1) })] }, of), [])
})
