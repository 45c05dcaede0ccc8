import assert from 'node:assert/strict'
import { test } from 'node:test'
import { empty, release, slot } from './plan.fixture.ts'
import { planRest, planSleep, planStay, resting } from './sleep.ts'
import type { World } from './world.ts'

const running: World = {
  ...empty,
  app: { ...empty.app, state: 'running', live: { api: { release: 'r1', colour: 'blue' } } },
  table: { routes: [{ prefix: '/', service: 'api' }], services: {} },
  running: [{ ...slot('api', 'blue', 1, 4001), release: 'r1' }],
}
const kept = release(1)
const unkept = release(1, {
  config: { ...kept.config, redis: true, backups: { ...kept.config.backups, on: false } },
})

test('an app falls asleep behind a closed door: what came before is answered, then it ends with its servers', () => {
  const { kind, steps, cleanup } = planSleep(running, unkept)
  const [closing, stopped] = steps.map(({ does }) => does)
  assert.equal(kind, 'sleep')
  assert.deepEqual(closing?.kind === 'edge.route' && closing.table, {
    routes: [],
    services: {},
    asleep: true,
  })
  assert.equal(stopped?.kind === 'app.live' && stopped.state, 'stopped')
  assert.deepEqual(
    cleanup.map(step => step.kind),
    ['instances.drain', 'instances.stop', 'app.rest'],
  )
  assert.deepEqual(cleanup.at(-1), {
    ...{
      kind: 'app.rest',
      app: 'shop',
      servers: ['postgres', 'redis'],
      slots: [slot('api', 'blue', 1, 4001)],
    },
  })
})

test('what is backed up goes on: its backups need it', () => {
  assert.deepEqual([resting(kept.config), resting(unkept.config)], [[], ['postgres', 'redis']])
})

test('one that sleeps is stopped without a start, and its servers rest again whatever started them', () => {
  const asleep: World = {
    ...running,
    app: { ...running.app, state: 'stopped' },
    table: { routes: [], services: {}, asleep: true },
    running: [],
  }
  const [stay] = planStay(asleep).steps
  assert.deepEqual(stay?.does.kind === 'edge.route' && stay.does.table, { routes: [], services: {} })
  assert.deepEqual(
    planRest(asleep, unkept).cleanup.map(step => step.kind),
    ['app.rest'],
  )
})
