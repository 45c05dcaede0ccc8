import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../engine/plan.ts'
import type { RouteTable } from '../../reach/edge/edge.ts'
import type { App } from '../app/app.ts'
import { createAwake } from '../app/awake.ts'
import { blue } from '../deploys/deployer.fixture.ts'
import { config, release } from '../deploys/plan.fixture.ts'
import type { DeployStep } from '../deploys/step.ts'
import { createSleeping } from './sleeping.ts'

const app = (name: string, state: App['state']): App => ({
  ...{ name, port: 1, state, live: { api: blue('r1') }, warm: {}, scale: {} },
})
const plan = (kind: string, of: string) => ({ kind, app: of, locks: [] }) as unknown as Plan<DeployStep>

/** Apps of which some sleep, for a minute without a visitor. `begun`: what was started. */
function made(states: Record<string, App['state']>) {
  const world = {
    now: 0,
    asked: [] as string[],
    held: new Set<string>(),
    runs: new Set<string>(),
    broken: '',
    /** How often a start was planned. */
    planned: 0,
    /** What happens while somebody waits. */
    passes: () => {},
  }
  const begun: string[] = []
  const awake = createAwake()
  const all = () => Object.entries(states).map(([name, state]) => app(name, state))
  const resting = {
    ...config,
    sleep: 60_000,
    redis: true as const,
    backups: { ...config.backups, on: false },
  }
  const sleeping = createSleeping({
    apps: { all: async () => all(), find: async name => all().find(one => one.name === name) ?? null },
    releases: { find: async of => release(1, { app: of, config: resting }) },
    edge: {
      traffic: async () => ({}),
      table: async name =>
        ({ routes: [], services: {}, asleep: states[name] === 'stopped' }) as unknown as RouteTable,
      wanted: async () => world.asked.splice(0),
    },
    supervisor: {
      state: async name => ({ name, pid: 1, wanted: world.runs.has(name), seconds: 1, tag: '-', crashes: 0 }),
    },
    deployer: {
      planSleep: async name => plan('sleep', name),
      planRest: async name => plan('rest', name),
      planWake: async name => {
        world.planned++
        if (world.broken === name) throw new Error('its files are gone')
        return plan('wake', name)
      },
    },
    engine: {
      holds: lock => world.held.has(lock),
      start: ({ kind, app: of }) => String(begun.push(`${kind} ${of}`)),
    },
    awake,
    clock: {
      now: () => world.now,
      async sleep(ms) {
        world.now += ms
        world.passes()
      },
    },
  })
  return { world, begun, awake, sleeping, states }
}

test('one that is under change keeps no other from waking, and is woken when that is over', async () => {
  const { world, begun, sleeping } = made({ shop: 'stopped', bar: 'stopped' })
  world.held.add('app:shop')
  world.asked = ['shop']
  await sleeping.wake()
  world.asked = ['bar']
  await sleeping.wake()
  assert.deepEqual(begun, ['wake bar'])
  world.held.clear()
  await sleeping.wake()
  assert.deepEqual(begun, ['wake bar', 'wake shop'])
})

test('one that cannot wake is told, tried ever later, and keeps no other from waking', async () => {
  const { world, begun, sleeping, states } = made({ shop: 'stopped', bar: 'stopped' })
  world.broken = 'shop'
  world.asked = ['shop', 'bar']
  await sleeping.wake()
  assert.deepEqual(begun, ['wake bar'])
  states['bar'] = 'running'
  const [alarm, ...others] = await sleeping.alarms()
  assert.deepEqual([alarm!.code, alarm!.app, others], ['app.asleep', 'shop', []])
  world.broken = ''
  world.asked = ['shop']
  await sleeping.wake()
  assert.deepEqual(begun, ['wake bar'], 'not yet')
  world.now += 5_000
  world.asked = ['shop']
  await sleeping.wake()
  states['shop'] = 'running'
  await sleeping.rest()
  assert.deepEqual([begun.at(-1), await sleeping.alarms()], ['wake shop', []])
})

test('one that does not start is tried ever later, also for what asks each second', async () => {
  for (const broken of ['shop', '']) {
    const { world, begun, sleeping, states } = made({ shop: 'stopped' })
    world.broken = broken
    for (; world.now < 600_000; world.now += 1_000) await sleeping.ask('shop')
    // After 0, 5, 15, 35, 75, 155 and 315 seconds.
    assert.deepEqual([world.planned, begun.length], [7, broken === '' ? 7 : 0])
    const [alarm] = await sleeping.alarms()
    assert.equal(alarm!.code, 'app.asleep')
    // A visitor does not have it tried sooner.
    world.asked = ['shop']
    await sleeping.wake()
    assert.equal(world.planned, 7)
    states['shop'] = 'running'
    await sleeping.rest()
    assert.deepEqual(await sleeping.alarms(), [])
  }
})

test('an app sleeps when nobody asked for so long, but not while its data is read', async () => {
  const { world, begun, awake, sleeping } = made({ shop: 'running' })
  await sleeping.rest()
  world.now = 60_000
  const over = Promise.withResolvers<void>()
  const reading = awake.during('shop', () => over.promise)
  await sleeping.rest()
  assert.deepEqual(begun, [])
  over.resolve()
  await reading
  await sleeping.rest()
  world.now = 119_999
  await sleeping.rest()
  assert.deepEqual(begun, [], 'from then on it is counted anew')
  world.now = 120_000
  await sleeping.rest()
  assert.deepEqual(begun, ['sleep shop'])
})

test('servers that something started while their app sleeps rest again', async () => {
  const { world, begun, sleeping } = made({ shop: 'stopped' })
  await sleeping.rest()
  assert.deepEqual(begun, [])
  world.runs.add('shop.postgres')
  world.held.add('app:shop')
  await sleeping.rest()
  assert.deepEqual(begun, [], 'whatever started them is at work')
  world.held.clear()
  await sleeping.rest()
  assert.deepEqual(begun, ['rest shop'])
})

test('who is about to change an app waits until it is awake, and not for one that does not start', async () => {
  const { world, begun, sleeping, states } = made({ shop: 'stopped', bar: 'running' })
  await sleeping.awaken('bar')
  await sleeping.awaken('unknown')
  assert.deepEqual([begun, world.now], [[], 0])
  // It is on its way to sleep, and then on its way to wake.
  world.held.add('app:shop')
  world.passes = () => {
    if (world.now === 200) world.held.clear()
    if (world.now >= 1_000) states['shop'] = 'running'
  }
  await sleeping.awaken('shop')
  assert.deepEqual([begun, world.now], [['wake shop'], 200])
  const dead = made({ shop: 'stopped' })
  dead.world.broken = 'shop'
  await dead.sleeping.awaken('shop')
  assert.deepEqual([dead.begun, (await dead.sleeping.alarms()).length], [[], 1])
  const frozen = made({ shop: 'stopped' })
  frozen.world.held.add('app:shop')
  await frozen.sleeping.awaken('shop')
  assert.deepEqual([frozen.begun, frozen.world.now], [[], 60_000])
})
