import assert from 'node:assert/strict'
import { test } from 'node:test'
import { homeAt } from '../../config/home.ts'
import { release } from '../deploys/plan.fixture.ts'
import type { Release } from '../releases/release.ts'
import { createRebuilds } from './rebuilds.ts'
import type { Rebuilt } from './rule.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR

/** A keeper that was started with the first week, and apps whose rebuilds are due at whole weeks. */
function world(...names: string[]) {
  const state = {
    now: 0,
    busy: false,
    archives: true,
    last: new Map<string, Rebuilt>(),
    releases: new Map<string, Release>(names.map(app => [app, { ...release(4), app, createdAt: 0 }])),
  }
  const started: string[] = []
  const rebuilds = createRebuilds({
    ports: {
      home: homeAt('/h'),
      apps: {
        all: async () => names.map(name => ({ name, live: { api: { release: 'r4', colour: 'blue' } } })),
      } as never,
      releases: { find: async (app: string) => state.releases.get(app) ?? null } as never,
      rebuilds: { last: async (app: string) => state.last.get(app) ?? null } as never,
      clock: { now: () => state.now, sleep: async () => {} },
      files: { exists: async () => state.archives },
    },
    engine: { busy: () => state.busy, start: plan => String(started.push(`${plan.kind} ${plan.app}`)) },
    nextRun: (_, after) => (Math.floor(after / WEEK) + 1) * WEEK,
  })
  /** What the timer begins at this moment. */
  const at = async (now: number): Promise<string[]> => {
    state.now = now
    await rebuilds.tick()
    return started.splice(0)
  }
  return { state, rebuilds, at }
}

test('what is due is built one app at a time, and never beside another run', async () => {
  const { state, at } = world('bar', 'shop')
  assert.deepEqual(await at(WEEK - 1), [])
  state.busy = true
  assert.deepEqual(await at(WEEK), [])
  state.busy = false
  assert.deepEqual(await at(WEEK), ['rebuild bar'])
  assert.deepEqual(await at(WEEK + 1), ['rebuild shop'])
  assert.deepEqual(await at(WEEK + 2), [])
  assert.deepEqual(await at(WEEK + HOUR), ['rebuild bar'], 'it gave way, and noted nothing')
})

test('an app that wants none, or whose source is gone, is passed over', async () => {
  const { state, at } = world('bar', 'shop')
  const bar = state.releases.get('bar')!
  state.releases.set('bar', { ...bar, config: { ...bar.config, rebuild: false } })
  assert.deepEqual(await at(WEEK), ['rebuild shop'])
  state.archives = false
  assert.deepEqual(await at(2 * WEEK), [])
})

test('what failed twice is told while that release serves', async () => {
  const { state, rebuilds } = world('shop')
  const failed = (times: number) =>
    state.last.set('shop', { release: 'r4', at: WEEK, problem: 'no such package', failed: times })
  failed(1)
  assert.deepEqual(await rebuilds.alarms(), [])
  failed(2)
  assert.match((await rebuilds.alarms())[0]!.what, /^r4 of shop serves, and does not .*: no such package$/)
  state.releases.set('shop', { ...state.releases.get('shop')!, id: 'r5' })
  assert.deepEqual(await rebuilds.alarms(), [])
})

test('where nothing serves there is nothing to build', async () => {
  const { state, rebuilds } = world('shop')
  state.releases.clear()
  assert.deepEqual(await rebuilds.alarms(), [])
})
