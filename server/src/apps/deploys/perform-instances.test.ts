import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Traffic } from '../../reach/edge/edge.ts'
import { api, context, machine, mail, r2, refused } from './instances.fixture.ts'
import { define, drain, specOf, start, stop } from './perform-instances.ts'
import { slot } from './plan.fixture.ts'

test('an instance runs the files of its artifact, with its own environment before that of the machine', async () => {
  const { ports, did } = machine()
  const spec = await specOf(ports, api, 'r2')
  const tree = '/h/apps/shop/releases/r1/tree'
  assert.deepEqual(
    { ...spec, confinement: undefined },
    {
      name: 'shop.api.green.1',
      argv: ['node', 'api.js', '--port', '4001'],
      cwd: `${tree}/packages/api`,
      env: {
        HTTPS_PROXY: 'http://proxy',
        HOME: '/h/apps/shop/cache',
        PATH: 'overruled',
        NODE_ENV: 'production',
        PORT: '4001',
        INNKEEPER_APP: 'shop',
        INNKEEPER_ENVIRONMENT: 'production',
        INNKEEPER_SERVICE: 'api',
        INNKEEPER_RELEASE: 'r2',
        INNKEEPER_COLOUR: 'green',
        INNKEEPER_INSTANCE: '1',
      },
      user: null,
      confinement: undefined,
      log: '/h/apps/shop/logs/api.green.1',
      logRules: { secrets: {}, keep: {} },
      tag: 'r2',
      graceSeconds: 5,
    },
  )
  assert.deepEqual(did, [`confine shop.api.green.1 in ${tree} port 4001`])
})

test('a worker has no port, and finds its Node.js, package manager and own programs before the system', async () => {
  const { ports, did } = machine()
  const spec = await specOf(ports, mail, 'r2')
  const tree = '/h/apps/shop/releases/r2/tree'
  assert.equal(spec.env['PORT'], undefined)
  assert.deepEqual(did, [`confine shop.mail.green.1 in ${tree} port null`])
  const node = spec.env['PATH']!.split(':')[0]!
  assert.match(node, /^\/node\/\d+$/)
  assert.equal(
    spec.env['PATH'],
    `${node}:/npm:/pnpm:${tree}/node_modules/.bin:${tree}/node_modules/.bin:/usr/bin`,
  )
})

test('what runs is not defined anew; what does not run is', async () => {
  const { ports, did, state } = machine()
  state.services = { 'shop.api.green.1': {}, 'shop.mail.green.1': { pid: null } }
  await define(ports, [api, mail], 'r2')
  assert.deepEqual(
    did.filter(text => text.startsWith('define')),
    ['define shop.mail.green.1'],
  )
})

test('an instance starts on a port that is its own before it starts', async () => {
  const { ports, did } = machine()
  const told = await start(ports, { kind: 'instances.start', app: 'shop', release: 'r2', slots: [api] })
  assert.equal(told, 'api green.1 on 4001')
  assert.deepEqual(did.slice(1), [
    'give 4001 to shop.api.green.1',
    'hold',
    'define shop.api.green.1',
    'start shop.api.green.1',
  ])
})

test('one that runs already is stopped first; its port is waited for, and nobody else gets it', async () => {
  const { ports, did, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.taken = 3
  await start(ports, { kind: 'instances.start', app: 'shop', release: 'r2', slots: [api] })
  assert.equal(did[0], 'stop shop.api.green.1')
  assert.equal(state.now, 150)
  state.taken = 1_000
  const failure = await refused(
    start(ports, { kind: 'instances.start', app: 'shop', release: 'r2', slots: [api] }),
  )
  assert.equal(failure.code, 'deploy.port-taken')
  assert.equal(did.filter(text => text.startsWith('start')).length, 1)
})

test('a worker is started without looking at a port', async () => {
  const { ports, did, state } = machine()
  state.taken = 1_000
  await start(ports, { kind: 'instances.start', app: 'shop', release: 'r2', slots: [mail] })
  assert.equal(did.at(-1), 'start shop.mail.green.1')
})

test('stopping settles what waited to be stopped', async () => {
  const { ports, did } = machine()
  await stop(ports, { kind: 'instances.stop', app: 'shop', slots: [api, mail], why: '' })
  assert.deepEqual(did, [
    'stop shop.api.green.1',
    'stop shop.mail.green.1',
    'settle shop shop.api.green.1 shop.mail.green.1',
  ])
})

/** The drain of one instance, whose connections end when the test says. */
async function draining({
  live = {} as Record<string, { release: string; colour: 'blue' | 'green' }>,
  retired = [] as Array<{ colour: 'blue' | 'green'; drainUntil: number }>,
  active = [0],
}) {
  let now = 1_000
  let looks = 0
  const told = await drain(
    {
      apps: {
        find: async () => ({ name: 'shop', port: 1, state: 'running', live, warm: {}, scale: {} }),
        retirements: async () =>
          retired.map(r => ({ app: 'shop', service: 'api', release: 'r1', since: 0, warmUntil: 0, ...r })),
      },
      releases: { get: async () => r2 },
      edge: {
        traffic: async () => ({
          'api/r1': { active: active[Math.min(looks++, active.length - 1)] } as Traffic,
          'web/r1': { active: 99 } as Traffic,
        }),
      },
      clock: {
        now: () => now,
        sleep: async ms => {
          now += ms
        },
      },
    },
    { kind: 'instances.drain', app: 'shop', slots: [slot('api', 'blue', 1, 4000)] },
    context,
  )
  return { told, waited: now - 1_000 }
}

test('an old colour is drained until its requests have ended, at most until its time is over', async () => {
  const retired = [{ colour: 'blue' as const, drainUntil: 2_000 }]
  assert.deepEqual(await draining({ retired, active: [2, 1, 0] }), {
    told: 'nothing was open any more',
    waited: 500,
  })
  assert.deepEqual(await draining({ retired, active: [2] }), {
    told: '2 connections still open at the end of drain',
    waited: 1_000,
  })
  const over = await draining({ retired: [{ colour: 'blue', drainUntil: 900 }], active: [1] })
  assert.deepEqual(over, { told: '1 connection still open at the end of drain', waited: 0 })
})

test('a singleton that serves is drained no longer than the edge holds its requests', async () => {
  const live = { api: { release: 'r1', colour: 'blue' as const } }
  assert.equal((await draining({ live, active: [1] })).waited, 10_000)
})

test('what neither serves nor waits to be stopped is not waited for', async () => {
  const live = { api: { release: 'r2', colour: 'green' as const } }
  assert.deepEqual(await draining({ live, active: [5] }), { told: 'nothing was open any more', waited: 0 })
  const retired = [{ colour: 'green' as const, drainUntil: 9_000 }]
  assert.equal((await draining({ retired, active: [5] })).waited, 0)
})
