import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import type { Outcome } from '../../engine/wire.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Closed } from '../../reach/edge/edge.ts'
import { createMaintenance } from './maintenance.ts'
import { HOUR_MS } from './rule.ts'
import { maintenanceStore } from './store.ts'

const NOW = Date.parse('2026-11-30T10:00:00Z')

function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const kept = maintenanceStore(store)
  const state = {
    now: NOW,
    closed: new Map<string, Closed>(),
    begun: [] as string[],
    outcomes: new Map<string, Outcome>(),
    locked: false,
    apps: new Set(['shop', 'bar']),
    dies: false,
    looked: 0,
    runs: new Map<number, string>(),
  }
  const make = () =>
    createMaintenance({
      store: {
        ...kept,
        async change(...change) {
          if (state.dies) throw new Error('killed')
          return kept.change(...change)
        },
      },
      edge: {
        async close(site, closed) {
          if (closed === null) state.closed.delete(site)
          else state.closed.set(site, closed)
        },
        table: async site => ({ routes: [], services: {}, closed: state.closed.get(site) }) as never,
      },
      runOf: ({ id }) => state.runs.get(id) ?? null,
      engine: {
        start(plan) {
          if (state.locked) throw new Failure('run.locked', 'x', { why: 'x', fix: 'x' })
          state.begun.push(plan.steps.map(({ does }) => does.command).join('; '))
          state.runs.set(plan.steps[0]!.does.window, `run-${state.begun.length}`)
          return `run-${state.begun.length}`
        },
      },
      outcome: run => state.outcomes.get(run) ?? null,
      apps: { find: async name => (state.apps.has(name) ? {} : null) },
      messages: {
        channels: async () => [
          { name: 'ops', settings: { kind: 'telegram' } },
          { name: 'pager', settings: { kind: 'pagerduty' } },
        ],
        wake: async () => {},
      },
      alertsChanged: () => void state.looked++,
      link: async () => null,
      clock: { now: () => state.now, sleep: async () => {} },
    })
  const told = async () => {
    const rows = await store.sql.selectFrom('message').select(['channel', 'content']).orderBy('id').execute()
    return rows
      .filter(({ channel }) => channel === 'ops')
      .map(({ content }) => JSON.parse(content).title as string)
  }
  return { state, make, told }
}

const asked = (more: object = {}) => ({
  ...{ beginsAt: new Date(NOW + 3 * HOUR_MS).toISOString(), lasts: 2 * HOUR_MS, text: 'New rooms' },
  ...{ allow: ['192.0.2.1'], commands: [] },
  ...more,
})

test('one is announced, begins, ends, and is told, each once, also by a keeper that is killed at any of it', async t => {
  const { state, make, told } = server(t)
  const { id } = await make().plan('shop', asked(), 'anna')
  for (const after of [2, 3, 5]) {
    state.now = NOW + after * HOUR_MS
    state.dies = true
    await assert.rejects(make().tick(), /killed/)
    state.dies = false
    await make().tick()
    await make().tick()
    if (after === 3) {
      assert.deepEqual(state.closed.get('shop'), {
        ...{ text: 'New rooms', allow: ['192.0.2.1'], until: NOW + 5 * HOUR_MS },
      })
      assert.deepEqual(await make().closed(), ['shop'])
      assert.equal(state.looked, 0)
    }
  }
  assert.deepEqual(
    [state.closed.size, await make().closed(), (await make().known(id)).state],
    [0, [], 'over'],
  )
  assert.deepEqual(await told(), [
    'shop: maintenance in 3 h, 2026-11-30 13:00 UTC – 15:00 UTC',
    'shop: maintenance in 1 h, 2026-11-30 13:00 UTC – 15:00 UTC',
    'shop: maintenance has begun, until 2026-11-30 15:00 UTC',
    'shop: maintenance is over',
  ])
  assert.equal(state.looked, 1, 'what is still wrong is told at once')
})

test('its commands run as one plan, wait for what changes the app, and keep visitors out until they have ended', async t => {
  const { state, make } = server(t)
  const maintenance = make()
  const commands = ['npm run vacuum', 'npm run index']
  state.locked = true
  const { id } = await maintenance.plan(
    'shop',
    asked({ beginsAt: new Date(NOW).toISOString(), commands }),
    'anna',
  )
  await maintenance.tick()
  assert.deepEqual(state.begun, [])
  state.locked = false
  await maintenance.tick()
  await maintenance.tick()
  assert.deepEqual(state.begun, ['npm run vacuum; npm run index'])
  await assert.rejects(maintenance.end(id), { code: 'maintenance.runs' })
  state.now += 2 * HOUR_MS - 60_000
  await maintenance.tick()
  assert.equal(state.closed.get('shop')!.until, state.now + 5 * 60_000)
  state.outcomes.set('run-1', 'undone')
  assert.deepEqual(
    (await maintenance.alarms()).map(({ code, app }) => `${code} ${app}`),
    ['maintenance.failed shop'],
  )
  state.now += 5 * 60_000
  await maintenance.tick()
  assert.equal((await maintenance.known(id)).state, 'over')
  state.now += HOUR_MS
  assert.deepEqual(await maintenance.alarms(), [])
})

test('it is cancelled, ended sooner, missed, and gone with its app; two at a time there are not', async t => {
  const { state, make, told } = server(t)
  const maintenance = make()
  const far = { beginsAt: new Date(NOW + 48 * HOUR_MS).toISOString() }
  const first = await maintenance.plan('shop', asked(far), 'anna')
  await assert.rejects(maintenance.plan('shop', asked(far), 'otto'), { code: 'maintenance.twice' })
  await maintenance.plan('bar', asked(far), 'otto')
  await maintenance.end(first.id)
  assert.deepEqual(await told(), [], 'nobody had been told')
  await assert.rejects(maintenance.end(first.id), { code: 'maintenance.over' })
  await assert.rejects(maintenance.end(99), { code: 'maintenance.unknown' })
  const past = { beginsAt: new Date(NOW - 3 * HOUR_MS).toISOString() }
  await assert.rejects(maintenance.plan('shop', asked(past), 'anna'), { code: 'maintenance.past' })
  const now = await maintenance.plan('shop', asked({ beginsAt: new Date(NOW).toISOString() }), 'anna')
  assert.equal(state.closed.size, 1)
  const ended = await maintenance.end(now.id)
  assert.deepEqual([ended.state, ended.endsAt, state.closed.size], ['over', NOW, 0])
  state.now += 100 * HOUR_MS
  await maintenance.tick()
  assert.ok((await told()).includes('bar: maintenance did not take place'))
  const last = await maintenance.plan(
    'bar',
    asked({ beginsAt: new Date(state.now + HOUR_MS).toISOString() }),
    'anna',
  )
  state.apps.delete('bar')
  await maintenance.tick()
  assert.equal((await maintenance.known(last.id)).state, 'cancelled')
})

test('of two that follow each other the second keeps visitors out, in whatever order they were planned', async t => {
  const { state, make } = server(t)
  const maintenance = make()
  const from = (hours: number) => ({
    beginsAt: new Date(NOW + hours * HOUR_MS).toISOString(),
    lasts: HOUR_MS,
  })
  await maintenance.plan('shop', asked({ ...from(1), text: 'second' }), 'anna')
  await maintenance.plan('shop', asked({ ...from(0), text: 'first' }), 'anna')
  state.now += HOUR_MS
  await maintenance.tick()
  assert.deepEqual(await maintenance.closed(), ['shop'])
  assert.equal(state.closed.get('shop')?.text, 'second')
})

test('one that was lost at the edge is closed again; commands whose run was not noted are not begun again', async t => {
  const { state, make } = server(t)
  const now = { beginsAt: new Date(NOW).toISOString(), commands: ['npm run vacuum'] }
  const { id } = await make().plan('shop', asked(now), 'anna')
  state.closed.clear()
  state.dies = true
  await assert.rejects(make().tick(), /killed/)
  assert.equal(state.closed.size, 1)
  assert.deepEqual(state.begun, ['npm run vacuum'])
  state.dies = false
  await make().tick()
  await make().tick()
  assert.deepEqual([state.begun.length, (await make().known(id)).run], [1, 'run-1'])
})
