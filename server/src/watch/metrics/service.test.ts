import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../apps/app/app.ts'
import type { SeenInstance } from '../../apps/app/status.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import { createMetrics, type MetricsPorts } from './metrics.ts'
import type { Found, Measured, Prometheus } from './ports.ts'

const CONFIG = readConfigOrFail(`name: shop
services:
  api: { start: node a.js, metrics: /stats }
  web: { start: node b.js, metrics: { path: /n, format: json } }
routes: { /: web, /api: api }
alerts: ['size > 300MB']
`)

const instance = (service: string, more: Partial<SeenInstance> = {}): SeenInstance => ({
  ...{
    service,
    colour: 'blue',
    n: 1,
    release: 'r1',
    pid: 9,
    port: service === 'api' ? 1 : 2,
    state: 'ready',
  },
  ...{ leftOut: false, rssBytes: 1, restarts: 0, ends: 0, uptimeSeconds: 1, ...more },
})

function world() {
  const state = {
    now: 1_000_000,
    last: [] as Found[] | Error,
    open: null as string | null,
    refused: false,
    watchdog: null as string | null,
    app: {
      name: 'shop',
      state: 'running',
      live: { api: { release: 'r1', colour: 'blue' } },
    } as unknown as App,
    instances: [instance('api'), instance('web')],
  }
  const seen = {
    measured: [] as Measured[],
    rules: [] as Array<ReadonlyMap<string, string>>,
    admitted: [] as string[],
    said: [] as string[],
  }
  const prometheus: Prometheus = {
    measure: async measured => void seen.measured.push(measured),
    rules: async all => void seen.rules.push(all),
    check: async () => null,
    async range() {
      if (state.last instanceof Error) throw state.last
      return state.last
    },
    open: () => state.open,
    monitorPassword: async () => new Secret('x'),
  }
  const ports: MetricsPorts = {
    clock: { now: () => state.now, sleep: async () => {} },
    prometheus,
    apps: { all: async () => [state.app], ports: async () => new Map([['shop.redis', 7]]) },
    clusters: { apps: async () => ['shop'], of: () => ({ port: async () => 8 }) },
    instances: async () => state.instances,
    config: async () => CONFIG,
    watchdog: async () => state.watchdog,
    async admit(kind, app, port) {
      if (state.refused) throw new Error('it does not run')
      seen.admitted.push(`${kind} ${app} ${port}`)
    },
    log: (level, msg) => void seen.said.push(`${level} ${msg}`),
  }
  return { state, seen, ports, metrics: createMetrics(ports) }
}

test('what is deployed is asked: instances with metrics that run, clusters, Redis, and the rules of running apps', async () => {
  const { state, seen, metrics } = world()
  await metrics.sync()
  const [measured] = seen.measured
  assert.deepEqual(
    [measured!.clusters, measured!.redis],
    [[{ app: 'shop', port: 8 }], [{ app: 'shop', port: 7 }]],
  )
  assert.deepEqual(
    measured!.instances.map(({ instance, port, path, format }) => [instance, port, path, format]),
    [
      ['api.blue.1', 1, '/stats', 'text'],
      ['web.blue.1', 2, '/n', 'json'],
    ],
  )
  assert.equal(metrics.asked('shop', 'web.blue.1')?.path, '/n')
  assert.equal(metrics.asked('shop', 'api.blue.1'), null, 'text is not asked by way of the keeper')
  assert.match(seen.rules[0]!.get('shop')!, /SizeOver300MB/)
  state.watchdog = 'https://hc.example.com/2'
  state.instances = [instance('api', { pid: null }), instance('web', { port: null })]
  state.app = { ...state.app, state: 'stopped' }
  await metrics.sync()
  assert.deepEqual(seen.measured[1]!.instances, [])
  assert.deepEqual(
    seen.measured.map(({ watchdog }) => watchdog),
    [null, state.watchdog],
  )
  assert.equal(seen.rules[1]!.size, 0)
})

test('what measures is let in once a minute, sooner where that failed, which is said once', async () => {
  const { state, seen, metrics } = world()
  const turn = async (ms: number) => {
    state.now += ms
    await metrics.sync()
    return seen.admitted.splice(0).length
  }
  assert.equal(await turn(0), 2)
  assert.equal(await turn(59_000), 0)
  assert.equal(await turn(1_000), 2)
  state.refused = true
  assert.equal(await turn(60_000), 0)
  assert.equal(await turn(5_000), 0)
  assert.deepEqual(seen.said.length, 2)
  state.refused = false
  assert.equal(await turn(5_000), 2)
})

const last = (at: number): Found[] => [{ labels: {}, points: [[at, at / 1000]] }]

test('a Prometheus that is silent, that takes nothing new, or that everybody reaches is an alarm', async () => {
  const { state, metrics } = world()
  const codes = async () => (await metrics.alarms()).map(({ code }) => code)
  assert.deepEqual(await codes(), [], 'it has just started')
  state.last = last(state.now - 30_000)
  assert.deepEqual(await codes(), [])
  state.last = last(state.now - 120_000)
  assert.deepEqual(await codes(), ['metrics.stale'])
  state.last = new Failure('metrics.down', 'no', { why: 'refused', fix: 'x' })
  assert.equal(metrics.isDown(), false)
  assert.match((await metrics.alarms())[0]!.what, /refused/)
  assert.equal(metrics.isDown(), true)
  state.last = last(state.now)
  state.open = 'no nft'
  assert.deepEqual(await codes(), ['metrics.open'])
  assert.equal(metrics.isDown(), false)
})

test('a home that is not measured asks nothing and has no alarm', async () => {
  const { ports, seen } = world()
  const none = createMetrics({ ...ports, prometheus: null })
  await none.sync()
  assert.deepEqual([await none.alarms(), seen.measured, seen.admitted], [[], [], []])
})
