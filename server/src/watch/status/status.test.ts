import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Actor } from '../../api/actor.ts'
import type { App } from '../../apps/app/app.ts'
import { unknownApp } from '../../apps/app/unknown.ts'
import type { Loss } from '../../apps/databases/cluster.ts'
import type { Release } from '../../apps/releases/release.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import type { RouteTable } from '../../reach/edge/edge.ts'
import type { ServiceState } from '../../servers/supervisor/supervisor.ts'
import { createStatus } from './status.ts'
import { Status } from './wire.ts'

const config = readConfigOrFail('name: shop\nservices: { web: { start: node web.js } }\n')
const blue = { release: 'r1', colour: 'blue' } as const
const green = { release: 'r2', colour: 'green' } as const
const anna: Actor = {
  id: 'person:anna',
  name: 'anna',
  email: null,
  session: 's',
  factor: 'off',
  role: 'operator',
  apps: {},
  verbs: null,
}
const vera: Actor = { ...anna, name: 'vera', role: 'viewer' }
const AT = Date.parse('2026-11-20T10:00:00Z')

const app = (name: string, more: Partial<App> = {}): App => ({
  name,
  port: 8001,
  state: 'running',
  live: { web: blue },
  warm: {},
  scale: {},
  ...more,
})

const release = (id: string): Release => ({
  app: 'shop',
  id,
  number: 1,
  state: 'ready',
  actor: `who made ${id}`,
  source: 'x',
  commit: null,
  config,
  artifacts: {},
  migrations: [],
  sizeBytes: 1,
  left: {},
  buildKey: null,
  createdAt: AT,
})

const service = (name: string, more: Partial<ServiceState> = {}): ServiceState => ({
  name,
  pid: 7,
  wanted: true,
  seconds: 90,
  tag: '-',
  crashes: 0,
  ...more,
})

const table = (to: typeof blue | typeof green): RouteTable => ({
  routes: [],
  services: { web: { kind: 'proxy', ...to, peers: [], fallback: [], hold: false } },
})

/** A server with these apps and services, as far as its status looks at it. */
function server({
  apps = [app('shop')],
  services = [] as Array<ServiceState | string>,
  edge = true,
  postgres = true,
  loss = null as Loss | null,
  recovering = [] as string[],
  redis = true,
  tree = 1 as number | null,
  tables = {} as Record<string, RouteTable>,
  retiring = [] as number[],
} = {}) {
  const states = new Map(services.map(one => (typeof one === 'string' ? [one, null] : [one.name, one])))
  return createStatus({
    parts: {
      supervisor: { list: async () => [...states.keys()], state: async name => states.get(name) ?? null },
      edge: { alive: async () => edge },
      clusters: {
        of: app => ({ accepts: async () => postgres && app === 'shop', loss: async () => loss }),
        apps: async () => ['shop'],
      },
      redis: async () => redis,
      pooler: async () => false,
      supervision: async () => tree,
    },
    apps: {
      apps: {
        all: async () => apps,
        async get(name) {
          const found = apps.find(one => one.name === name)
          if (found !== undefined) return found
          throw unknownApp(name, [])
        },
        retirements: async name =>
          retiring.map(warmUntil => ({
            app: name ?? '',
            service: 'web',
            ...blue,
            since: 0,
            warmUntil,
            drainUntil: 0,
          })),
      },
      releases: { ready: async () => [], find: async (_, id) => release(id) },
      edge: { table: async name => tables[name] ?? null, certified: async () => null },
      watcher: {
        instances: async () => [
          {
            service: 'web',
            ...blue,
            n: 1,
            pid: 1,
            port: 1,
            state: 'ready',
            leftOut: false,
            rssBytes: 1,
            restarts: 0,
            ends: 0,
            uptimeSeconds: 1,
          },
        ],
      },
      traffic: { lately: () => ({ requests: 0, errors: 0 }) },
      recovering: async () => recovering,
      openRun: name => (name === 'shop' ? 'run-1' : null),
      httpPort: null,
      clock: { now: () => 0 },
      httpsPort: null,
    },
    keeper: () => ({
      version: '1',
      pid: 1,
      rssBytes: 1,
      url: 'http://x',
      home: '/h',
      upSince: '2026-11-20T10:00:00Z',
    }),
    host: async () => ({
      name: 'box',
      cpus: 2,
      memoryBytes: 1,
      memoryFreeBytes: 1,
      diskBytes: 1,
      diskFreeBytes: 1,
    }),
    alarms: async () => [{ code: 'backup.overdue', level: 'late', what: 'it is late', fix: 'hurry' }],
  })
}

const partsOf = async (options: Parameters<typeof server>[0]) =>
  (await server(options).status(vera)).parts.map(({ name, state, detail }) => `${name} ${state}: ${detail}`)

test('the parts are the tree and what it runs for all apps, in order, without keeper and instances', async () => {
  const services = ['shop.redis', 'shop.postgres', 'keeper', 'edge', 'shop.web.blue.1'].map(name =>
    service(name),
  )
  assert.deepEqual(await partsOf({ services }), [
    'supervision up: runsvdir',
    'edge up: for 1 min 30 s',
    'shop.postgres up: for 1 min 30 s',
    'shop.redis up: for 1 min 30 s',
  ])
})

test('a part is up only when its process runs and it answers; else its log is named', async () => {
  const services = [service('edge'), service('shop.postgres')]
  assert.deepEqual((await partsOf({ services, edge: false })).slice(1), [
    'edge down: inn logs edge',
    'shop.postgres up: for 1 min 30 s',
  ])
  assert.equal(
    (await partsOf({ services, postgres: false }))[2],
    'shop.postgres down: inn logs shop --service postgres',
  )
  const redis = { services: [service('edge'), service('shop.redis')], redis: false }
  assert.equal((await partsOf(redis))[2], 'shop.redis down: inn logs shop --service redis')
  const ended = [service('edge', { pid: null }), service('x.redis', { pid: null, wanted: false })]
  assert.deepEqual((await partsOf({ services: ended })).slice(1), [
    'edge down: inn logs edge',
    'x.redis stopped: inn logs x --service redis',
  ])
})

test('a cluster without its files is down, whatever its server says, and its app is degraded', async () => {
  const services = [service('shop.postgres')]
  const lost = (loss: Loss) => server({ services, loss }).status(vera)
  const gone = 'the data folder of the PostgreSQL of shop is gone, and its server still runs'
  const { parts, apps } = await lost({ server: 'runs' })
  assert.equal(
    parts[1]!.detail,
    `${gone}: every commit from now on is lost; inn recovery database shop restores it to the last archived moment`,
  )
  assert.deepEqual(
    [parts[1]!.state, apps[0]!.state, apps[0]!.reason],
    ['down', 'degraded', `${gone}: every commit from now on is lost`],
  )
  const moved = await lost({ server: 'elsewhere', data: '/x' })
  assert.deepEqual([moved.parts[1]!.state, moved.apps[0]!.state], ['up', 'serving'])
})

test('an app that a recovery will start is not said to have been stopped by somebody', async () => {
  const apps = [app('shop', { state: 'stopped' }), app('other', { state: 'stopped' })]
  const seen = await server({ apps, recovering: ['shop', 'other'] }).status(vera)
  assert.equal(seen.apps[0]!.reason, 'the recovery of this server starts it when its data is back')
  const [during, other] = (await server({ apps }).status(vera)).apps
  assert.equal(during!.reason, 'it is stopped during a change')
  assert.equal(other!.reason, 'it was stopped; inn start other starts it')
})

test('without the tree nothing that ends is started again, and the first part says so', async () => {
  const [first] = await partsOf({ tree: null })
  assert.match(first!, /^supervision down: inn up starts it/)
})

test('a part that is removed while the status is made is left out', async () => {
  assert.deepEqual((await partsOf({ services: ['copy.look', service('edge')] })).slice(1), [
    'edge up: for 1 min 30 s',
  ])
})

test('whoever sees some apps alone sees their parts, and no alarm of others or of the server', async () => {
  const services = ['edge', 'shop.postgres', 'bar.postgres'].map(name => service(name))
  const { status } = server({ apps: [app('shop'), app('bar')], services })
  const seen = await status({ ...anna, role: null, apps: { shop: 'operator' } })
  assert.deepEqual(
    [seen.apps.map(one => [one.name, one.can.length > 0]), seen.parts.map(({ name }) => name), seen.alarms],
    [[['shop', true]], ['shop.postgres'], []],
  )
  const all = await status({ ...vera, apps: { shop: 'operator' } })
  assert.deepEqual(
    all.apps.map(one => [one.name, one.can.length > 0]),
    [
      ['shop', true],
      ['bar', false],
    ],
  )
  assert.equal(all.alarms.length, 1)
})

test('the status is what the wire promises, with all apps, alarms and the run under way', async () => {
  const status = Status.parse(await server({ apps: [app('bar'), app('shop')] }).status(vera))
  assert.deepEqual(
    status.apps.map(one => [one.name, one.state, one.running]),
    [
      ['bar', 'serving', null],
      ['shop', 'serving', 'run-1'],
    ],
  )
  assert.deepEqual(
    status.alarms.map(alarm => alarm.code),
    ['backup.overdue'],
  )
  const [shop] = status.apps.slice(1)
  assert.deepEqual([shop!.deployedBy, shop!.deployedAt], ['who made r1', '2026-11-20T10:00:00.000Z'])
})

test('who may change nothing is offered nothing', async () => {
  const can = async (actor: Actor) => (await server().status(actor)).apps[0]!.can
  assert.deepEqual(await can(vera), [])
  assert.ok((await can(anna)).includes('restart'))
})

test('during the watch of a switch the edge says who takes traffic, not the store', async () => {
  const one = server({ tables: { shop: table(green) } })
  const shop = await one.appStatus(vera, 'shop')
  assert.deepEqual([shop.release, shop.colour, shop.deployedBy], ['r2', 'green', 'who made r2'])
  assert.equal((await server().appStatus(vera, 'shop')).release, 'r1')
})

test('an old colour is warm until the last of its services is due', async () => {
  const warm = { apps: [app('shop', { live: { web: green }, warm: { web: blue } })] }
  const until = async (retiring: number[]) =>
    (await server({ ...warm, retiring }).appStatus(vera, 'shop')).rollback?.warmUntil
  assert.equal(await until([AT, AT + 60_000, AT + 1]), '2026-11-20T10:01:00.000Z')
  assert.equal(await until([]), null)
})

test('an app that nobody deployed is a failure, as is an app without a release to look at', async () => {
  const unknown = (error: unknown) => error instanceof Failure && error.code === 'app.unknown'
  await assert.rejects(server().appStatus(vera, 'sho'), unknown)
  const fresh = server({ apps: [app('shop', { state: 'new', live: {} })] })
  const shop = await fresh.appStatus(vera, 'shop')
  assert.deepEqual([shop.state, shop.release, shop.deployedBy], ['new', null, null])
})
