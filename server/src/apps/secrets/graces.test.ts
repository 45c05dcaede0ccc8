import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../engine/plan.ts'
import type { App } from '../app/app.ts'
import type { KeptSecret } from '../app/secrets.ts'
import { release } from '../deploys/plan.fixture.ts'
import { createGraces } from './graces.ts'
import type { SecretPorts } from './ports.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Two apps, whose release that serves has the earlier value of a secret until hour 1. */
function world() {
  const state = {
    now: 0,
    held: new Set<string>(),
    failing: new Set<string>(),
    begun: [] as string[],
    written: 0,
    apps: ['alpha', 'beta'].map(
      (name): App => ({
        name,
        port: 1,
        state: 'running',
        live: { web: { release: 'r1', colour: 'blue' } },
        warm: {},
        scale: {},
      }),
    ),
    previous: new Map<string, Record<string, string>>([
      ['alpha', { OLD: 'JWT' }],
      ['beta', { OLD: 'JWT' }],
    ]),
    kept: { OLD: { value: 'x', since: 0, previous: { of: 'JWT', until: HOUR } } } as Record<
      string,
      KeptSecret
    >,
  }
  const graces = createGraces({
    apps: { all: async () => state.apps, keptSecrets: async () => state.kept },
    releases: { find: async (app: string) => release(1, { app, previous: state.previous.get(app)! }) },
    deployer: {
      async planGraceEnd(app: string, variables: readonly string[]) {
        if (state.failing.has(app)) throw new Error(`${app} cannot start`)
        return { app, title: `${app} ${variables}` } as unknown as Plan<never>
      },
    },
    engine: {
      holds: (lock: string) => state.held.has(lock),
      start(plan: Plan<never>) {
        state.begun.push(plan.title)
        return 'run'
      },
    },
    clock: { now: () => state.now },
    audit: { write: async () => void state.written++ },
  } as unknown as SecretPorts)
  return { state, graces }
}

test('of each app the time ends once it is over, written down as of the keeper; a failing one keeps nobody waiting', async () => {
  const { state, graces } = world()
  state.now = HOUR - 1
  await graces.end()
  assert.deepEqual(state.begun, [])
  state.now = HOUR
  state.failing.add('alpha')
  await assert.rejects(graces.end(), /alpha cannot start/)
  assert.deepEqual([state.begun, state.written], [['beta OLD'], 1])
})

test('a stopped app is left alone, and what it starts with later ends then', async () => {
  const { state, graces } = world()
  state.apps.pop()
  state.apps[0] = { ...state.apps[0]!, state: 'stopped' }
  state.now = DAY
  await graces.end()
  assert.deepEqual(state.begun, [])
  state.apps[0] = { ...state.apps[0]!, state: 'running' }
  // What was kept of it may be gone by then.
  state.kept = {}
  await graces.end()
  assert.deepEqual(state.begun, ['alpha OLD'])
})

test('one that fails is tried after an hour, then after two, up to a day, and told meanwhile', async () => {
  const { state, graces } = world()
  state.apps.pop()
  state.now = HOUR
  const times: number[] = []
  for (; state.now < 5 * DAY; state.now += HOUR / 2) {
    const before = state.begun.length
    await graces.end()
    if (state.begun.length > before) times.push(state.now / HOUR)
  }
  assert.deepEqual(times, [1, 2, 4, 8, 16, 32, 56, 80, 104])
  assert.match((await graces.alarms())[0]!.what, /OLD of alpha is still given/)
  state.held.add('app:alpha')
  assert.deepEqual(await graces.alarms(), [], 'a run may end it just now')
  state.held.clear()
  state.previous.set('alpha', {})
  assert.deepEqual(await graces.alarms(), [])
})
