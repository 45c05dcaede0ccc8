import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { App } from './app.ts'
import { appStatus, type SeenApp, type SeenInstance } from './status.ts'

const config = readConfigOrFail(`
name: shop
domains: [shop.example.com]
services:
  api: { start: node a.js, instances: 2 }
  bot: { start: node b.js, worker: true }
routes: { /: api }
`)
const app = (more: Partial<App> = {}): App => ({
  name: 'shop',
  port: 20_100,
  state: 'running',
  live: { api: { release: 'r2', colour: 'green' }, bot: { release: 'r2', colour: 'green' } },
  warm: {},
  scale: {},
  ...more,
})
const instance = (service: string, n: number, more: Partial<SeenInstance> = {}): SeenInstance => ({
  service,
  colour: 'green',
  n,
  release: 'r2',
  pid: 100 + n,
  port: 20_000 + n,
  state: 'ready',
  leftOut: false,
  rssBytes: null,
  restarts: 0,
  ends: 0,
  uptimeSeconds: 5,
  ...more,
})
const WELL = [instance('api', 1), instance('api', 2), instance('bot', 1)]
const of = (more: Partial<SeenApp> = {}) =>
  appStatus({
    app: app(),
    config,
    instances: WELL,
    visited: [],
    warmUntil: null,
    loss: null,
    asleep: false,
    closedUntil: null,
    recovering: false,
    running: null,
    deployed: { at: 0, by: 'anna' },
    httpPort: 80,
    secure: null,
    ready: [],
    mayChange: true,
    ...more,
  })

test('an app without its database does not serve, though its instances are ready', () => {
  const loss = 'the data folder is gone'
  assert.deepEqual([of({ loss }).state, of({ loss }).reason], ['degraded', loss])
  assert.equal(of({ loss, instances: [] }).state, 'down', 'an app that is down is told as such')
})

test('an app whose instances are all ready serves, at its domain', () => {
  const status = of()
  assert.deepEqual([status.state, status.reason, status.url], ['serving', null, 'http://shop.example.com'])
  assert.deepEqual([status.release, status.colour, status.deployedBy], ['r2', 'green', 'anna'])
})

test('the address says the port where it is not 80, and is of loopback where no app is public', () => {
  assert.equal(of({ httpPort: 8080 }).url, 'http://shop.example.com:8080')
  assert.equal(of({ httpPort: null }).url, 'http://127.0.0.1:20100')
  const names = ['shop.example.com']
  assert.equal(of({ secure: { port: 443, names } }).url, 'https://shop.example.com')
  assert.equal(of({ secure: { port: 8443, names } }).url, 'https://shop.example.com:8443')
  assert.equal(of({ secure: { port: 443, names: ['www.shop.example.com'] } }).url, 'http://shop.example.com')
})

test('one of two that is not ready degrades; none of a routed service is down; a dead worker degrades', () => {
  const with1 = (bad: SeenInstance) =>
    of({ instances: [...WELL.filter(i => !(i.service === bad.service && i.n === bad.n)), bad] })
  const short = with1(instance('api', 2, { state: 'failing' }))
  assert.deepEqual([short.state, short.reason], ['degraded', '1 instance of api is not ready'])
  const out = with1(instance('api', 2, { state: 'failing', leftOut: true }))
  assert.equal(out.reason, '1 instance of api is not ready; the others take its requests')
  const dead = of({ instances: [instance('bot', 1)] })
  assert.deepEqual([dead.state, dead.reason], ['down', 'no instance of api is ready'])
  const quiet = with1(instance('bot', 1, { state: 'down' }))
  assert.deepEqual([quiet.state, quiet.reason], ['degraded', 'no instance of bot is ready'])
})

test('an app whose health is well is judged by its visitors and by what does not stay up, the worst first', () => {
  const said = (more: Partial<SeenApp>) => {
    const { state, reason } = of(more)
    return `${state}: ${reason}`
  }
  const visited = (requests: number, errors: number) => [{ service: 'api', requests, errors }]
  assert.equal(said({ visited: visited(400, 20) }), 'serving: null')
  assert.match(said({ visited: visited(412, 157) }), /^degraded: 38 % of 412 requests to api failed/)
  assert.match(said({ visited: visited(100, 100) }), /^down: 100 % of 100/)
  const ends = { instances: [instance('api', 1, { ends: 7 }), ...WELL.slice(1)] }
  assert.match(said(ends), /^degraded: api 1 ended or was replaced 7 times/)
  const old = instance('api', 1, { ends: 7, colour: 'blue', release: 'r1' })
  assert.equal(said({ instances: [...WELL, old] }), 'serving: null')
  const short = { instances: [instance('api', 1, { state: 'failing' }), ...WELL.slice(1)] }
  assert.match(said({ ...short, visited: visited(412, 157) }), /^degraded: 1 instance of api/)
  assert.match(said({ ...short, visited: visited(100, 100) }), /^down: 100 %/)
  assert.equal(said({ app: app({ state: 'stopped' }), visited: visited(100, 100) }).slice(0, 7), 'stopped')
})

test('an instance is live by release and colour, warm when a rollback returns to it, else old', () => {
  const status = of({
    app: app({ warm: { api: { release: 'r1', colour: 'blue' } } }),
    instances: [
      ...WELL,
      instance('api', 1, { colour: 'blue', release: 'r1' }),
      instance('api', 9, { colour: 'blue', release: 'r0' }),
      instance('api', 8, { state: 'stopped' }),
    ],
    warmUntil: 60_000,
  })
  assert.deepEqual(
    status.services[0]!.instances.map(({ role, release, n }) => [role, release, n]),
    [
      ['live', 'r2', 1],
      ['live', 'r2', 2],
      ['old', 'r0', 9],
      ['warm', 'r1', 1],
    ],
  )
  assert.deepEqual(status.rollback, { release: 'r1', warm: true, warmUntil: '1970-01-01T00:01:00.000Z' })
})

test('a rollback to what does not run any more is cold', () => {
  const { rollback } = of({
    app: app({ warm: { api: { release: 'r1', colour: 'blue' } } }),
    warmUntil: 60_000,
  })
  assert.deepEqual(rollback, { release: 'r1', warm: false, warmUntil: null })
  const ill = instance('api', 1, { colour: 'blue', release: 'r1', state: 'failing' })
  const warm = { api: { release: 'r1', colour: 'blue' as const } }
  assert.equal(of({ app: app({ warm }), instances: [...WELL, ill], warmUntil: 9 }).rollback!.warm, false)
})

test('what may be done follows from state, rollback and the person', () => {
  const warm = {
    app: app({ warm: { api: { release: 'r1', colour: 'blue' } } }),
    instances: [...WELL, instance('api', 1, { colour: 'blue', release: 'r1' })],
  }
  assert.deepEqual(of(warm).can, ['deploy', 'rollback', 'switch', 'scale', 'restart', 'stop'])
  assert.deepEqual(of().can, ['deploy', 'scale', 'restart', 'stop'])
  assert.deepEqual(of({ app: app({ state: 'stopped' }) }).can, ['deploy', 'start'])
  assert.deepEqual(of({ mayChange: false }).can, [])
})

test('an app without a good deploy is new, whether its first one is under way or failed', () => {
  const fresh = { app: app({ state: 'new', live: {} }), config: null, instances: [], deployed: null }
  assert.deepEqual([of(fresh).state, of(fresh).url, of(fresh).can], ['new', null, ['deploy']])
  assert.match(of(fresh).reason!, /nothing of it was deployed/)
  assert.match(of({ ...fresh, running: 'run-1' }).reason!, /under way/)
  assert.equal(of({ app: app({ state: 'stopped' }) }).state, 'stopped')
})

test('a dead worker that stands before a dead routed service in the file does not hide it', () => {
  const services = config.services.toReversed()
  const { state, reason } = of({ config: { ...config, services }, instances: [] })
  assert.deepEqual([state, reason], ['down', 'no instance of api is ready'])
})
