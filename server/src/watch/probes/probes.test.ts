import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../apps/app/app.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import type { Asker } from './ports.ts'
import { createProbes, type ProbePorts } from './probes.ts'
import { probeStore } from './store.ts'
import { probeMetrics } from './view.ts'

const MINUTE = 60_000
const configOf = (more: string) =>
  readConfigOrFail(
    `name: shop\ndomains: [shop.example]\nservices: { api: { start: node a, health: { path: /health } } }\n${more}`,
  )
const SMTP = configOf('probes: { smtp: { tcp: "mail.example:25" }, deep: { http: /deep, each: api } }')

/** An app with an instance, the edge, and a mail server; what each of them does now. */
function world({ config = SMTP } = {}) {
  const state = {
    now: 1_000_000,
    config,
    app: {
      ...{ name: 'shop', port: 8001, state: 'running', warm: {}, scale: {} },
      live: { api: { release: 'r1', colour: 'blue' } },
    } as App,
    edgeRuns: true,
    asks: { smtp: 'up', edge: 'up', deep: 'up' } as Record<string, 'up' | 'refused' | 'hangs'>,
  }
  const asked: string[] = []
  const answering = async <T>(name: string, value: T): Promise<T> => {
    asked.push(name)
    if (state.asks[name] === 'hangs') await new Promise(() => {})
    if (state.asks[name] === 'refused') throw new Error('connect ECONNREFUSED')
    return value
  }
  const asker: Asker = {
    http: url =>
      answering(url.reveal().endsWith('/deep') ? 'deep' : 'edge', { status: 200, contentType: '', body: '' }),
    tcp: () => answering('smtp', undefined),
    postgres: () => assert.fail(),
    redis: () => assert.fail(),
    certificate: () => assert.fail(),
    command: () => assert.fail(),
  }
  const ports: ProbePorts = {
    apps: { all: async () => [state.app], secrets: async () => ({}) },
    config: async () => state.config,
    env: async () => ({}),
    slots: async () => [{ app: 'shop', service: 'api', colour: 'blue', n: 1, port: 4001 }],
    ...{ asker, store: probeStore(openStore(':memory:')) },
    clock: { now: () => state.now, sleep: async () => {} },
    edgeRuns: async () => state.edgeRuns,
  }
  const started = () => {
    const probes = createProbes(ports)
    return {
      ...probes,
      /** So many minutes go by, with a look in each. */
      async minutes(n: number) {
        for (let i = 0; i < n; i++) {
          await probes.tick()
          await new Promise(resolve => setImmediate(resolve))
          state.now += MINUTE
        }
      },
      failing: async () => (await probes.alarms()).map(({ name }) => name),
    }
  }
  return { state, asked, started }
}

test('every probe is asked each minute, and told of after three failures, until it is well', async () => {
  const { state, asked, started } = world()
  const probes = started()
  await probes.minutes(2)
  assert.deepEqual(asked.toSorted(), ['deep', 'deep', 'edge', 'edge', 'smtp', 'smtp'])
  state.asks['smtp'] = 'refused'
  await probes.minutes(2)
  assert.deepEqual(await probes.failing(), [])
  await probes.minutes(1)
  assert.deepEqual(await probes.failing(), ['smtp'])
  assert.match((await probes.alarms())[0]!.what, /ECONNREFUSED/)
  state.asks['smtp'] = 'up'
  await probes.minutes(1)
  assert.deepEqual(await probes.failing(), [])
})

test('what hangs is not asked again meanwhile, and the others are', async () => {
  const { state, asked, started } = world()
  state.asks['smtp'] = 'hangs'
  await started().minutes(4)
  assert.equal(asked.filter(name => name === 'smtp').length, 1)
  assert.equal(asked.filter(name => name === 'deep').length, 4)
})

test('a keeper that was started again goes on telling what fails, until an answer says otherwise', async () => {
  const { state, started } = world()
  state.asks['smtp'] = 'refused'
  state.asks['deep'] = 'refused'
  await started().minutes(3)
  const again = started()
  assert.deepEqual((await again.failing()).toSorted(), ['deep', 'smtp'], 'before it has asked')
  assert.match((await again.alarms())[0]!.what, /since 1970-01-01 00:16 UTC.*: connect ECONNREFUSED/)
  state.asks['smtp'] = 'up'
  await again.minutes(1)
  assert.deepEqual(await again.failing(), ['deep'])
  assert.deepEqual(await started().failing(), ['deep'], 'it is not told again')
})

test('what is taken out of the file, or stopped, is over and forgotten', async () => {
  const { state, started } = world()
  state.asks['smtp'] = 'refused'
  const probes = started()
  await probes.minutes(3)
  state.config = configOf('')
  await probes.minutes(1)
  assert.deepEqual(await probes.failing(), [])
  state.config = SMTP
  assert.deepEqual(await started().failing(), [], 'a keeper that is started again knows nothing of it')
  await probes.minutes(1)
  assert.deepEqual(await probes.failing(), [], 'it begins anew')
  state.app = { ...state.app, state: 'stopped' }
  await probes.minutes(1)
  assert.deepEqual(await probes.list(), [])
})

test('the probe that each app has does not repeat that the edge is down', async () => {
  const { state, started } = world()
  state.asks['edge'] = 'refused'
  const probes = started()
  await probes.minutes(3)
  assert.deepEqual(await probes.failing(), ['edge'], 'nobody gets through')
  state.edgeRuns = false
  assert.deepEqual(await probes.failing(), [], 'part.down tells that')
  const other = world({ config: configOf('probes: { edge: { http: /health } }') })
  Object.assign(other.state, { edgeRuns: false })
  other.state.asks['edge'] = 'refused'
  const alone = other.started()
  await alone.minutes(3)
  assert.deepEqual(await alone.failing(), ['edge'], 'it was asked for')
})

test('Prometheus gets the last result of each probe, by app, probe and instance', async () => {
  const { state, started } = world()
  state.asks['smtp'] = 'refused'
  const probes = started()
  await probes.minutes(1)
  const [success] = probeMetrics(await probes.list())
  assert.deepEqual(success!.samples, [
    [{ app: 'shop', probe: 'edge', instance: null }, 1],
    [{ app: 'shop', probe: 'smtp', instance: null }, 0],
    [{ app: 'shop', probe: 'deep', instance: 'api.blue.1' }, 1],
  ])
})
