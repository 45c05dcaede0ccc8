import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../kernel/failure.ts'
import type { Traffic } from '../../reach/edge/edge.ts'
import { blue, green, server } from './deployer.fixture.ts'
import { release } from './plan.fixture.ts'

test('what is seen are the instances that run or are to run, with the release that they were started with', async t => {
  const { deployer, serves, apps, state } = server(t)
  await serves({ api: blue('r1') })
  await apps.givePort('shop.api.blue.1', 4001)
  state.services = {
    'shop.api.blue.1': {},
    'shop.api.blue.2': { pid: null, wanted: true, tag: 'r2' },
    'shop.api.green.1': { pid: null, wanted: false },
    'shopping.api.blue.1': {},
    'shop.redis': {},
  }
  const { world, release: current } = await deployer.world('shop')
  assert.deepEqual(world.running, [
    { app: 'shop', service: 'api', colour: 'blue', n: 1, port: 4001, release: 'r1' },
    { app: 'shop', service: 'api', colour: 'blue', n: 2, port: 0, release: 'r2' },
  ])
  assert.equal(current!.id, 'r1')
})

test('pages of older releases find their files, the newest first, as long as they are kept', async t => {
  const { deployer, serves } = server(t)
  const artifacts = { ...release(3).artifacts, web: 'r2' }
  await serves({ web: blue('r3') }, {}, [
    release(1, { state: 'pruned' }),
    release(2),
    release(3, { artifacts }),
  ])
  const { world } = await deployer.world('shop')
  assert.deepEqual(world.older('web'), ['/h/apps/shop/releases/r2/tree/dist'])
  assert.deepEqual(world.older('api'), [])
  assert.equal(world.roots('web', 'r9'), '/h/apps/shop/releases/r9/tree')
})

const old = (more: { warmUntil: number; drainUntil: number }) =>
  ({ app: 'shop', service: 'api', ...green('r1'), since: 0, ...more }) as const

test('an old colour is stopped when it was warm long enough, and nobody uses it or its drain is over', async t => {
  const { deployer, serves, apps, state, started } = server(t)
  await serves({ api: blue('r2') })
  const retire = async (more: { warmUntil: number; drainUntil: number }) => {
    started.length = 0
    await apps.retire([old(more)])
    await deployer.retireDue()
    return started.length
  }
  const { now } = state
  const active = { active: 1 } as Traffic
  assert.equal(await retire({ warmUntil: now + 1, drainUntil: now }), 0, 'still warm')
  state.traffic = { 'api/r1': active }
  assert.equal(await retire({ warmUntil: now, drainUntil: now + 1 }), 0, 'still used')
  assert.equal(await retire({ warmUntil: now, drainUntil: now }), 1)
  assert.deepEqual([started[0]![0].kind, started[0]![1]], ['retire', 'keeper'])
  state.traffic = { 'api/r2': active }
  assert.equal(await retire({ warmUntil: now, drainUntil: now + 1 }), 1, 'what serves is used')
  state.traffic = new Error('the edge is away')
  assert.equal(await retire({ warmUntil: now, drainUntil: now + 1 }), 1, 'nobody is there who could use it')
})

test('while another change has the app, the old colour waits for the next look', async t => {
  const { deployer, serves, apps, state, started } = server(t)
  await serves({ api: blue('r2') })
  await apps.retire([old({ warmUntil: 0, drainUntil: 0 })])
  state.refusal = new Failure('run.locked', 'another change', { why: 'x', fix: 'x' })
  await deployer.retireDue()
  assert.equal(started.length, 0)
  state.refusal = new Failure('disk.full', 'no room', { why: 'x', fix: 'x' })
  await assert.rejects(deployer.retireDue(), { code: 'disk.full' })
  state.refusal = new Error('a defect')
  await assert.rejects(deployer.retireDue(), /a defect/)
  state.refusal = null
  await deployer.retireDue()
  assert.equal(started.length, 1)
})

test('values that no run took up are forgotten after five minutes, and never while a run is under way', async t => {
  const { deployer, apps, state } = server(t)
  await apps.putAside('shop', 'g1', { STRIPE: { value: 'sk' } })
  state.now += 5 * 60_000 + 1
  state.busy = true
  await deployer.forgetGiven()
  await apps.takeUp('shop', 'g1')
  state.busy = false
  await apps.putAside('shop', 'g2', { STRIPE: { value: 'sk' } })
  state.now += 5 * 60_000
  await deployer.forgetGiven()
  await apps.takeUp('shop', 'g2')
  state.now += 1
  await deployer.forgetGiven()
  await assert.rejects(apps.takeUp('shop', 'g2'), { code: 'env.forgotten' })
})

test('ports of other apps are not those of this one; the free ones are no two alike, and nobody else has them', async t => {
  const { deployer, serves, apps } = server(t)
  await serves({ api: blue('r1') })
  await apps.givePort('shop.api.blue.1', 4500)
  await apps.givePort('bar.api.blue.1', 4002)
  const { world } = await deployer.world('shop')
  assert.deepEqual(world.ports, { 'shop.api.blue.1': 4500 })
  assert.equal(new Set(world.free).size, world.free.length)
  assert.ok(!world.free.includes(4002) && !world.free.includes(4500) && !world.free.includes(8001))
  // Two colours of api with two instances, of mail and bot with one, less the one that has its port; Redis and a pooler; and spare ones.
  assert.equal(world.free.length, 2 * 2 + 2 + 2 - 1 + 2 + 8)
})
