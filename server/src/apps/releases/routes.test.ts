import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { frameStreams } from '../../api/frames.ts'
import { appOf } from '../../cli/stand-in.fixture.ts'
import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { Failure } from '../../kernel/failure.ts'
import { framesOf } from '../../kernel/frames.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import type { App } from '../app/app.ts'
import { appStore } from '../app/store.ts'
import { unknownApp } from '../app/unknown.ts'
import { currentReleases } from './current.ts'
import { oneOff } from './one-off.ts'
import type { Release } from './release.ts'
import { releaseRoutes } from './routes.ts'
import type { Command, Finished } from './runner.ts'
import { releaseStore } from './store.ts'

const config = readConfigOrFail(`
name: shop
services:
  web: { static: dist }
  api: { start: node api.js, root: api }
  mail: { start: node mail.js, worker: true }
routes: { /api: api, /: web }
`)
const release = (number: number, more: Partial<Release> = {}): Release => ({
  app: 'shop',
  id: `r${number}`,
  number,
  state: 'ready',
  actor: 'anna',
  source: 'a'.repeat(64),
  commit: 'abc',
  config,
  artifacts: { web: `r${number}`, api: `r${number}`, mail: 'r1' },
  migrations: ['1.sql'],
  sizeBytes: 5,
  left: {},
  previous: {},
  branch: 'main',
  buildKey: null,
  createdAt: 1_000,
  ...more,
})
const shop: App = {
  name: 'shop',
  port: 8001,
  state: 'running',
  live: { web: { release: 'r3', colour: 'blue' }, api: { release: 'r2', colour: 'blue' } },
  warm: {},
  scale: {},
}
const instance = {
  colour: 'green',
  n: 1,
  pid: 1,
  port: 1,
  state: 'ready',
  leftOut: false,
  rssBytes: 1,
  restarts: 0,
  uptimeSeconds: 1,
} as const

async function keeper(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  await appStore(store, () => 5).create('shop', 8001)
  const releases = releaseStore(store, () => 5)
  const crowd = peopleOf({ vera: 'viewer', otto: 'operator', anna: 'admin' })
  const did: unknown[] = []
  const uploads = new Map<string, string>()
  const finished: Finished | Error = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }
  const printed: Array<[number, string]> = []
  const state = { finished: finished as Finished | Error, wrong: false, says: 'oh' }
  const commands: Command[] = []
  const home = homeAt('/h')
  const api = await apiWith(t, crowd, app =>
    releaseRoutes(app, {
      apps: {
        async get(name) {
          if (name === 'shop') return shop
          throw unknownApp(name, ['shop'])
        },
        secrets: async () => ({ KEY: 'very secret', SHORT: 'a' }),
      },
      witness: {
        wanted: async () => state.wrong,
        printed: async (entry, text) => void printed.push([entry, text]),
      },
      releases,
      async appStatus(_, name) {
        if (name !== 'shop') throw new Failure('app.unknown', `no app ${name}`, { why: 'x', fix: 'x' })
        const service = { name: 'api', kind: 'web', colour: 'blue', release: 'r2' } as const
        return appOf('shop', {
          services: [{ ...service, routes: [], instances: [{ ...instance, release: 'r1', role: 'warm' }] }],
        })
      },
      uploads: {
        has: async digest => uploads.has(digest),
        async save(digest, body) {
          let text = ''
          for await (const chunk of body) text += chunk
          uploads.set(digest, text)
        },
      },
      oneOff: oneOff({
        home,
        releases,
        network: { HTTPS_PROXY: 'http://proxy', HOME: 'overruled' },
        apps: { ports: async () => new Map([['shop.api.blue.1', 8123]]) },
        clientEnv: url => ({ PGHOST: new URL(url).hostname }),
        address: async (_, { owner, copy }) => `postgresql://${copy ?? 'own'}-${owner ? 'owner' : 'app'}/x`,
        async start(command, { stdout, stderr }) {
          commands.push(command)
          stdout.write(BYTES)
          stderr.write(state.says)
          const { finished } = state
          return {
            stdin: new PassThrough(),
            signal: () => {},
            resize: async () => {},
            finished: finished instanceof Error ? Promise.reject(finished) : Promise.resolve(finished),
          }
        },
        confined: async (app, { inside }) => confinement({ home, app, user: null, inside, cgroup: null }),
        path: async (node, root, tree) => `/node${node}:${root}:${tree}`,
      }),
      audit: {
        async write(row, outcome) {
          did.push([row, outcome])
          return 7
        },
        ended: async (id, outcome) => void did.push([id, outcome]),
      },
      frames: frameStreams(crowd.people),
    }),
  )
  const headers = (cookie: string) => ({ cookie, host: 'box.test', origin: 'http://box.test' })
  const get = (url: string, cookie = 'vera') => api.inject({ url, headers: headers(cookie) })
  const run = async (body: object, app = 'shop', cookie = 'otto') => {
    const answer = await api.inject({
      method: 'POST',
      url: `/api/apps/${app}/commands`,
      headers: headers(cookie),
      payload: body,
    })
    const said: unknown[] = []
    const out: Record<number, string> = {}
    const ok = answer.statusCode === 200
    for await (const { channel, bytes } of framesOf(Readable.from(ok ? [answer.rawPayload] : []))) {
      if (channel === 3) said.push(JSON.parse(bytes.toString()))
      else out[channel] = (out[channel] ?? '') + bytes.toString('latin1')
    }
    return {
      status: answer.statusCode,
      said: said.filter(one => !('id' in (one as object))),
      out,
      code: ok ? null : answer.json().failure.code,
    }
  }
  const put = (digest: string, payload: string, cookie = 'otto') =>
    api.inject({
      method: 'PUT',
      url: `/api/uploads/${digest}`,
      headers: { ...headers(cookie), 'content-type': 'application/gzip' },
      payload,
    })
  return { releases, get, run, put, did, commands, state, uploads, printed }
}

/** No text in any encoding. */
const BYTES = Buffer.from([0, 255, 13, 10, 226, 128, 128])
const ENV = { web: {}, api: { KEY: 'k', PATH: 'overruled' }, mail: {} }

test('releases are listed newest first, with what serves, what is warm and what was built for each', async t => {
  const { releases, get } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  const list = (await get('/api/apps/shop/releases')).json()
  assert.deepEqual(
    list.map((one: Record<string, unknown>) => [one['id'], one['live'], one['warm'], one['built']]),
    [
      ['r3', [], false, ['web', 'api']],
      ['r2', ['api'], false, ['web', 'api']],
      ['r1', [], true, ['web', 'api', 'mail']],
    ],
  )
  assert.equal(list[0].createdAt, '1970-01-01T00:00:00.005Z')
  assert.doesNotMatch(JSON.stringify(list), /KEY/)
  assert.equal((await get('/api/apps/bar/releases')).statusCode, 404)
  assert.equal((await get('/api/apps/shop/releases', 'nobody')).statusCode, 401)
})

test('while something is wrong with the app the end of what a command printed is kept, without secrets', async t => {
  const { releases, run, state, printed } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  await run({ argv: ['ls'], service: 'api' })
  assert.equal(printed.length, 0)
  Object.assign(state, { wrong: true, says: 'a key: very secret\u001b[2J\n' })
  const { out, said } = await run({ argv: ['ls'], service: 'api' })
  assert.match(out[2] ?? JSON.stringify(said), /very secret/)
  assert.match(printed[0]![1], /a key: \*\*\*KEY\*\*\*$/)
  state.says = `${'x'.repeat(9_000)}end`
  await run({ argv: ['ls'], service: 'api' })
  const [entry, text] = printed[1]!
  assert.deepEqual([entry, text.length], [7, 4_097])
  assert.match(printed[1]![1], /^…x+end$/)
})

test('an archive is sent once: it is asked for by its sha256 first', async t => {
  const { get, put, uploads } = await keeper(t)
  const digest = 'a'.repeat(64)
  assert.deepEqual((await get(`/api/uploads/${digest}`, 'otto')).json(), { present: false })
  assert.deepEqual((await put(digest, 'packed')).json(), { present: true })
  assert.equal(uploads.get(digest), 'packed')
  assert.deepEqual((await get(`/api/uploads/${digest}`, 'otto')).json(), { present: true })
  assert.equal((await put(digest, 'x', 'vera')).statusCode, 403)
  assert.equal((await get(`/api/uploads/${digest}`)).statusCode, 403, 'who may not deploy learns nothing')
  for (const other of ['..%2Fkeeper', 'A'.repeat(64), 'a'.repeat(63)])
    assert.equal((await put(other, 'x')).statusCode, 400, other)
})

test('a command runs in the files and the environment of its service, and is written down with its end', async t => {
  const { releases, run, did, commands } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  const body = { argv: ['node', 'seed.js'], service: 'api', env: { MORE: '1', KEY: 'given' } }
  const { said, out } = await run(body)
  assert.deepEqual(said, [{ code: 0 }])
  assert.deepEqual([out[1], out[2]], [BYTES.toString('latin1'), 'oh'], 'two outputs, byte for byte')
  const [{ argv, cwd, env, confinement: held, timeoutMs }] = commands as [Command]
  const tree = '/h/apps/shop/releases/r2/tree'
  assert.deepEqual(
    [argv, cwd, held!.inside, timeoutMs],
    [['node', 'seed.js'], `${tree}/api`, tree, 86_400_000],
  )
  assert.deepEqual(
    { ...env, PATH: '' },
    {
      HTTPS_PROXY: 'http://proxy',
      HOME: '/h/apps/shop/cache',
      KEY: 'given',
      MORE: '1',
      PATH: '',
      PORT: '8123',
      INNKEEPER_APP: 'shop',
      INNKEEPER_ENVIRONMENT: 'production',
      INNKEEPER_SERVICE: 'api',
      INNKEEPER_RELEASE: 'r2',
    },
  )
  assert.match(env!['PATH']!, new RegExp(`^/node\\d+:${tree}/api:${tree}$`))
  const row = { actor: 'otto', action: 'run', app: 'shop', run: null, detail: 'node seed.js' }
  assert.deepEqual(did, [
    [row, 'begun'],
    [7, 'done'],
  ])
})

test('the release is the named one, else that of the service, else the one of the app; the service the first that runs', async t => {
  const { releases, run, commands } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  const ran = async (more: object) => {
    await run({ argv: ['x'], ...more })
    return commands.at(-1)!.cwd!.replace('/h/apps/shop/releases/', '')
  }
  assert.equal(await ran({ service: 'api', release: 'r1' }), 'r1/tree/api')
  assert.equal(await ran({ service: 'api' }), 'r2/tree/api')
  assert.equal(await ran({}), 'r3/tree/api', 'the newest that serves')
  assert.equal(await ran({ service: 'mail' }), 'r1/tree', 'the files that this service runs')
})

test('how a command ended is told and kept: its code, its signal, or why it did not run', async t => {
  const { releases, run, did, state } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  const ended = async (finished: Finished | Error) => {
    did.length = 0
    state.finished = finished
    const { said } = await run({ argv: ['x'] })
    return [said.at(-1), (did[1] as [number, string])[1]]
  }
  const ok: Finished = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }
  assert.deepEqual(await ended({ ...ok, code: 3 }), [{ code: 3 }, 'exit code 3'])
  assert.deepEqual(await ended({ ...ok, code: null, signal: 'SIGKILL' }), [
    { code: 137 },
    'exit code SIGKILL',
  ])
  const [told, kept] = await ended(new Failure('exec.timeout', 'it took too long', { why: 'x', fix: 'x' }))
  assert.equal((told as { failure: { code: string } }).failure.code, 'exec.timeout')
  assert.equal(kept, 'it took too long')
})

test('what cannot be run is told before anything is written down, or as its end', async t => {
  const { releases, run, did } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  assert.equal((await run({ argv: [] })).status, 400)
  assert.equal((await run({ argv: ['x'] }, 'shop', 'vera')).status, 403)
  assert.deepEqual(
    [(await run({ argv: ['x'] }, 'bar')).status, (await run({ argv: ['x'] }, 'bar')).code],
    [404, 'app.unknown'],
  )
  assert.equal((await run({ argv: ['x'], release: 'r9' })).code, 'release.unknown')
  assert.deepEqual(did, [])
  const { said } = await run({ argv: ['x'], service: 'none' })
  assert.equal((said[0] as { failure: { code: string } }).failure.code, 'service.unknown')
})

test('psql as the owner or in a copy is for admins alone, and the audit log says so', async t => {
  const { releases, run, did, commands } = await keeper(t)
  for (const n of [1, 2, 3]) await releases.put(release(n), ENV)
  for (const database of [{ owner: true }, { copy: 'look' }]) {
    assert.equal((await run({ argv: ['psql'], database })).status, 403)
    assert.equal((await run({ argv: ['psql'], database }, 'shop', 'anna')).status, 200)
  }
  assert.deepEqual(
    commands.map(({ env }) => env?.['PGHOST']),
    ['own-owner', 'look-app'],
  )
  const details = did.flatMap(one => (Array.isArray(one) && one[1] === 'begun' ? [one[0].detail] : []))
  assert.deepEqual(details, ['psql as the owner of the database', 'psql in the copy look'])
})

test('the store gives a release back as it was put, again with a second put, and its changes alone', async t => {
  const { releases } = await keeper(t)
  await releases.put(release(1), ENV)
  assert.deepEqual(await releases.get('shop', 'r1'), { ...release(1), createdAt: 5 })
  assert.deepEqual(await releases.env('shop', 'r1'), ENV)
  await releases.put(release(1, { actor: 'otto' }), {})
  assert.equal((await releases.get('shop', 'r1')).actor, 'otto')
  await releases.set('shop', 'r1', { state: 'pruned' })
  await releases.set('shop', 'r1', { sizeBytes: 9 })
  await releases.set('shop', 'r1', { migrations: ['2.sql'] })
  const { state, sizeBytes, migrations, commit } = await releases.get('shop', 'r1')
  assert.deepEqual([state, sizeBytes, migrations, commit], ['pruned', 9, ['2.sql'], 'abc'])
  assert.equal(await releases.find('shop', 'r2'), null)
  assert.equal(await releases.nextNumber('shop'), 2)
  assert.equal(await releases.nextNumber('bar'), 1)
  await releases.removeAll('bar')
  assert.equal((await releases.list('shop')).length, 1)
  await releases.removeAll('shop')
  assert.deepEqual(await releases.list('shop'), [])
})

test('of every app that serves the current release is known; an app that never did is left out', async () => {
  const fresh: App = { ...shop, name: 'fresh', live: {} }
  const lost: App = { ...shop, name: 'lost' }
  const found = await currentReleases({
    apps: { all: async () => [fresh, lost, shop] },
    releases: { find: async (app, id) => (app === 'shop' ? release(Number(id.slice(1))) : null) },
  })
  assert.deepEqual(
    found.map(({ app, release: { id } }) => [app.name, id]),
    [['shop', 'r3']],
  )
})
