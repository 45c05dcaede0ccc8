import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { StepContext } from '../../engine/run.ts'
import type { RouteTable, Site, SiteLogin, Traffic } from '../../reach/edge/edge.ts'
import { guardOf } from './guard.ts'
import { probeEdge, route, site, watch } from './perform-edge.ts'
import type { DeployStep, Move } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

const config = readConfigOrFail(`
name: shop
services:
  api: { start: node api.js, health: { path: /api/up } }
  web: { start: node web.js, health: { path: /up } }
  mail: { start: node mail.js, worker: true }
routes: { /api: api, /: web }
`)
const blue = { release: 'r1', colour: 'blue' } as const
const green = { release: 'r2', colour: 'green' } as const
const move = (service: string): Move => ({ service, from: blue, to: green })
const table = (routes: RouteTable['routes']): RouteTable => ({ routes, services: {} })
const ROUTES = table(config.routes)

const counted = (requests: number, errors = 0, slow = 0): Traffic => ({
  requests,
  status: { '2xx': requests - errors, '3xx': 0, '4xx': 0, '5xx': errors, failed: 0 },
  seconds: [
    { le: 0.1, count: requests - slow },
    { le: 2.5, count: requests },
  ],
  active: 0,
})

/** An edge, two instances and a clock, as far as these steps look at them. */
function world() {
  const state = {
    now: 0,
    traffic: {} as Record<string, Traffic>,
    crashes: 0,
    asked: [] as string[],
    answer: 200,
    well: true,
    /** Who answers a request through the edge. */
    serves: ['api/r2', 'web/r2'] as string[],
    /** What happens at each second of a watch. */
    at: (_second: number): void => {},
  }
  const count = (key: string) => {
    state.traffic = { ...state.traffic, [key]: counted((state.traffic[key]?.requests ?? 0) + 1) }
  }
  const ports = {
    releases: { get: async () => ({ config }) },
    edge: {
      traffic: async () => state.traffic,
      configure: async (change: (open: readonly Site[]) => readonly Site[]) => ({
        reloaded: change([]).length === 1 && state.well,
      }),
    },
    probe: {
      async http(port: number, path: string) {
        state.asked.push(`${port}${path}`)
        if (port === 8000) for (const key of state.serves) count(key)
        if (!state.well) throw new Error('connection refused')
        return { status: state.answer, contentType: '', body: '' }
      },
      tcp: async () => {},
    },
    clock: {
      now: () => state.now,
      async sleep(ms: number, signal?: AbortSignal) {
        signal?.throwIfAborted()
        state.now += ms
        state.at(state.now / 1000)
      },
    },
    supervisor: { state: async () => ({ pid: 1, crashes: state.crashes }) },
  } as unknown as Parameters<typeof watch>[0] & Parameters<typeof site>[0]
  return { state, ports }
}

const probing = (moves: string[], more: Partial<Of<'edge.probe'>> = {}): Of<'edge.probe'> => ({
  kind: 'edge.probe',
  app: 'shop',
  release: 'r2',
  port: 8000,
  moves: moves.map(move),
  table: ROUTES,
  ...more,
})

test('each moving service is asked once through the edge, by a path that leads to it, and workers are not', async () => {
  const { state, ports } = world()
  assert.equal(await probeEdge(ports, probing(['api', 'web', 'mail'])), '/api/up 200, /up 200')
  assert.deepEqual(state.asked, ['8000/api/up', '8000/up'])
  const led = table([{ prefix: '/', service: 'mail' }])
  assert.equal(await probeEdge(ports, probing(['mail'], { table: led })), 'nothing has a route')
})

test('where the health path leads to another service, the own prefix is asked; without a route nothing is', async () => {
  const { state, ports } = world()
  const taken = table([
    { prefix: '/up', service: 'api' },
    { prefix: '/', service: 'web' },
  ])
  assert.equal(await probeEdge(ports, probing(['web'], { table: taken })), '/ 200')
  const near = table([
    { prefix: '/u', service: 'api' },
    { prefix: '/', service: 'web' },
  ])
  assert.equal(await probeEdge(ports, probing(['web'], { table: near })), '/up 200', '/u is no prefix of /up')
  state.asked = []
  assert.equal(await probeEdge(ports, probing(['web'], { table: table([]) })), 'nothing has a route')
  assert.deepEqual(state.asked, [])
})

test('an answer that the new release did not give, a failing one and none are told with the address', async () => {
  const why = async (change: (state: ReturnType<typeof world>['state']) => unknown) => {
    const { state, ports } = world()
    change(state)
    const error = await probeEdge(ports, probing(['api'])).then(
      () => null,
      (e: Error & { code: string; why: string }) => e,
    )
    assert.equal(error?.code, 'deploy.edge-probe')
    return error.why.replace('GET http://127.0.0.1:8000/api/up: ', '')
  }
  assert.equal(await why(s => Object.assign(s, { serves: ['api/r1'] })), 'it answered 200, and not from r2')
  assert.equal(await why(s => Object.assign(s, { answer: 502 })), 'it answered 502')
  assert.equal(await why(s => Object.assign(s, { well: false })), 'connection refused')
})

test('what the new release had counted before is not taken for its answer', async () => {
  const { state, ports } = world()
  Object.assign(state, { traffic: { 'api/r2': counted(5) }, serves: [] })
  await assert.rejects(probeEdge(ports, probing(['api'])), { code: 'deploy.edge-probe' })
})

const slot = { app: 'shop', service: 'api', colour: 'green', n: 1, port: 4001 } as const
const watching = (ms: number): Of<'edge.watch'> => ({
  kind: 'edge.watch',
  app: 'shop',
  release: 'r2',
  ms,
  moves: [move('api')],
  slots: [slot],
})
const context = { signal: new AbortController().signal } as StepContext

test('a watch looks each second until its time is over, and says what it saw', async () => {
  const { state, ports } = world()
  state.traffic = { 'api/r2': counted(3) }
  state.at = second => {
    state.traffic = { 'api/r2': counted(3 + 10 * second, 1) }
  }
  assert.equal(await watch(ports, watching(2_500), context), 'api: 25 requests, 1 error')
  assert.equal(state.now, 2_500)
  assert.equal(state.asked.length, 4)
})

test('a watch in which nobody came says so, and one of no time looks once', async () => {
  const { state, ports } = world()
  assert.equal(await watch(ports, watching(0), context), 'no request came in 0 ms')
  assert.deepEqual([state.now, state.asked.length], [0, 1])
})

const worse = async (prepare: (state: ReturnType<typeof world>['state']) => void) => {
  const { state, ports } = world()
  prepare(state)
  const said = await watch(ports, watching(10_000), context).catch(
    (e: Error & { code: string; why: string }) => e,
  )
  return { said: said instanceof Error ? `${said.code}: ${said.why}` : said, after: state.now }
}

test('an instance that was started again ends the watch at once; what it did before counts for nothing', async () => {
  const crashed = await worse(state => {
    state.crashes = 4
    state.at = second => {
      if (second === 3) state.crashes = 5
    }
  })
  assert.deepEqual(crashed, { said: 'deploy.worse: api ended and was started again once', after: 3_000 })
})

test('three bad looks in a row end it, two with a good one between do not', async () => {
  const sick = await worse(state => {
    state.at = second => {
      state.well = second !== 2 && second !== 3 && second < 5
    }
  })
  assert.match(sick.said, /^deploy\.worse: api is not healthy any more: .*connection refused$/)
  assert.equal(sick.after, 7_000)
})

test('errors are measured against those of the release before, which fails as much without being worse', async () => {
  const failing = (before: Traffic) =>
    worse(state => {
      state.traffic = { 'api/r1': before }
      state.at = second => {
        state.traffic = { 'api/r1': before, 'api/r2': counted(20 * second, 2 * second) }
      }
    })
  const bad = await failing(counted(1000, 0))
  assert.equal(bad.said, 'deploy.worse: api fails 10.0 % of its requests (6 of 60), before 0.0 %')
  assert.equal((await failing(counted(1000, 90))).said, 'api: 200 requests, 20 errors')
  const returned = await worse(state => {
    state.traffic = { 'api/r2': counted(100, 50) }
    state.at = () => {
      state.traffic = { 'api/r2': counted(160, 50) }
    }
  })
  assert.equal(returned.said, 'api: 60 requests, 0 errors', 'what it did when it served before is over')
})

test('a side that stays slow is taken back; one that is slow while it begins stays', async () => {
  const slowFor = (seconds: number) =>
    worse(state => {
      state.traffic = { 'api/r1': counted(1000) }
      state.at = second => {
        const slow = 60 * Math.min(second, seconds)
        state.traffic = { 'api/r1': counted(1000), 'api/r2': counted(60 * second, 0, slow) }
      }
    })
  const stays = await slowFor(100)
  assert.equal(stays.said, 'deploy.worse: api answers in 2.5 s (p95), before in 100 ms')
  assert.equal(stays.after, 5_000)
  assert.equal((await slowFor(2)).said, 'api: 600 requests, 0 errors')
})

test('a change that is taken back does not wait for the end of its watch', async () => {
  const { ports } = world()
  const order = { signal: AbortSignal.abort(new Error('taken back')) } as StepContext
  await assert.rejects(watch(ports, watching(10_000), order), /taken back/)
})

test('a site is opened beside the others, and a reload is told', async () => {
  const { state, ports } = world()
  const step = { kind: 'edge.site', app: 'shop', site: { id: 'shop' } } as unknown as Of<'edge.site'>
  assert.match(await site(ports, step, context), /^reloaded/)
  state.well = false
  assert.equal(await site(ports, step, context), 'no reload was needed')
})

test('who signs in is written before requests go by the table, and nobody could where the secret is gone', async () => {
  const done: string[] = []
  const ports = (secrets: Record<string, string>) => ({
    clock: { now: () => 0, sleep: async () => {} },
    apps: { secrets: async () => secrets },
    edge: {
      admit: async (app: string, login: SiteLogin | null) => {
        done.push(`${app}: ${login === null ? 'nobody' : `${login.user} ${login.password.reveal()}`}`)
      },
      route: async (app: string) => void done.push(`${app} routed`),
    },
  })
  const basicAuth = { user: 'anna', password: { from: 'STAGING' } }
  const guarded = { ...ROUTES, guard: guardOf({ ...config, basicAuth }, '/r1') }
  const step = { kind: 'edge.route', app: 'shop', says: '' } as const
  await route(ports({ STAGING: 'word' }), { ...step, table: guarded })
  await route(ports({}), { ...step, table: guarded })
  await route(ports({ STAGING: 'word' }), { ...step, table: ROUTES })
  assert.deepEqual(done, ['shop: anna word', 'shop routed', 'shop: nobody', 'shop routed', 'shop routed'])
})
