import assert from 'node:assert/strict'
import { appendFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { eventStreams } from '../../api/sse.ts'
import { homeAt } from '../../config/home.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { readLogs } from './read.ts'
import { logRoutes } from './routes.ts'
import { logSources } from './sources.ts'

const home = homeAt('/h')
const shop = { name: 'shop', port: 8001, state: 'running', live: {}, warm: {}, scale: {} } as const

const sourcesOf = (
  name: string,
  owners: string[] = [],
  services: string[] = [],
  port: number | null = null,
) =>
  logSources(
    {
      home,
      apps: {
        all: async () => [shop],
        find: async asked => (asked === 'shop' ? shop : null),
        ports: async () => new Map(owners.map((owner, n) => [owner, 4000 + n])),
      },
      clusters: { of: () => ({ port: async () => port }), apps: async () => [] },
      supervisor: {
        list: async () => services,
        state: async asked =>
          services.includes(asked)
            ? { name: asked, pid: 1, wanted: true, seconds: 1, tag: '-', crashes: 0 }
            : null,
      },
    },
    name,
  )

test('an app has the logs of its instances in both colours, and of its Redis; another app has others', async () => {
  const owners = ['shop.web.blue.1', 'shop.web.green.2', 'shop.redis', 'shopping.web.blue.1', 'bar.redis']
  assert.deepEqual(await sourcesOf('shop', owners), [
    { folder: '/h/apps/shop/logs/web.blue.1', service: 'web', n: 1 },
    { folder: '/h/apps/shop/logs/web.green.2', service: 'web', n: 2 },
    { folder: '/h/apps/shop/logs/redis', service: 'redis', n: 1 },
    { folder: '/h/log/edge', service: 'edge', n: 1, app: 'shop' },
  ])
})

test('an app with a cluster has its log too, and that of the receiver while there is one', async () => {
  const services = async (running: string[], port: number | null) =>
    (await sourcesOf('shop', ['shop.web.blue.1'], running, port))
      .map(({ folder }) => folder)
      .filter(folder => folder !== '/h/log/edge')
  const web = '/h/apps/shop/logs/web.blue.1'
  assert.deepEqual(await services([], 29000), [web, '/h/apps/shop/logs/postgres'])
  assert.deepEqual(await services(['shop.postgres-receiver'], 29000), [
    web,
    '/h/apps/shop/logs/postgres',
    '/h/apps/shop/logs/postgres-receiver',
  ])
  assert.deepEqual(await services([], null), [web])
})

test('a copy of the cluster has its log while there is one; that of another app is not shown', async () => {
  const found = await sourcesOf('shop', [], ['shop.copy-look', 'shopping.copy-look', 'shop.web.blue.1'])
  assert.deepEqual(found[0], { folder: '/h/log/shop.copy-look', service: 'copy-look', n: 1 })
  assert.equal(found.length, 2)
})

test('a part of the server has one log', async () => {
  assert.deepEqual(await sourcesOf('edge', [], ['edge']), [{ folder: '/h/log/edge', service: 'edge', n: 1 }])
})

test('what is neither app nor part is a failure, and so is a part of an app by the name of its service', async () => {
  const unknown = { code: 'app.unknown' }
  await assert.rejects(sourcesOf('none', [], ['edge']), unknown)
  await assert.rejects(sourcesOf('shpo'), { ...unknown, fix: 'did you mean shop?' })
  await assert.rejects(sourcesOf('keepr'), { ...unknown, fix: 'did you mean keeper?' })
  await assert.rejects(sourcesOf('shop.redis', [], ['shop.redis']), unknown)
  await assert.rejects(sourcesOf('../edge', [], ['../edge']), unknown)
})

const at = (second: number) => `2026-11-20T10:00:${String(second).padStart(2, '0')}.00000`

async function logs(t: TestContext, files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'inn-logs-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** The routes over the logs of `web` and `api`; `gone` says that the app was removed. */
async function keeper(t: TestContext, root: string) {
  const crowd = peopleOf({ vera: 'viewer' })
  const state = { gone: false }
  const api = await apiWith(t, crowd, app =>
    logRoutes(app, {
      async logSources(name) {
        if (state.gone) throw new Failure('app.unknown', `there is no ${name}`, { why: 'x', fix: 'x' })
        return ['web', 'api'].map(service => ({ folder: join(root, service), service, n: 1 }))
      },
      clock: { now: () => Date.parse('2026-11-20T10:01:00Z'), sleep: ms => systemClock.sleep(ms / 10) },
      events: eventStreams(crowd.people),
    }),
  )
  const ask = (query = '', cookie = 'vera') =>
    api.inject({ url: `/api/apps/shop/logs${query}`, headers: { cookie } })
  return { ask, state }
}

test('lines are asked for by service, number and level, and are for who is signed in', async t => {
  const root = await logs(t, {
    'web/current': `${at(1)} r1 ERROR one\n${at(3)} r1 three\n`,
    'api/current': `${at(2)} r1 two\n`,
  })
  const { ask } = await keeper(t, root)
  const texts = async (query: string) => (await ask(query)).json().map((line: { text: string }) => line.text)
  assert.deepEqual(await texts(''), ['ERROR one', 'two', 'three'])
  assert.deepEqual(await texts('?service=api'), ['two'])
  assert.deepEqual(await texts('?lines=1'), ['three'])
  assert.deepEqual(await texts('?level=error'), ['ERROR one'])
  assert.deepEqual(await texts('?sinceMs=58500'), ['two', 'three'])
  assert.deepEqual(await texts('?grep=TW&service=api'), ['two'])
  assert.equal((await ask('?lines=0')).statusCode, 400)
  assert.equal((await ask('?lines=10001')).statusCode, 400)
  assert.equal((await ask('', 'nobody')).statusCode, 401)
})

test('followed logs send what there is and what comes, and end when the app is gone', async t => {
  const root = await logs(t, { 'web/current': `${at(1)} r1 one\n`, 'api/current': '' })
  const { ask, state } = await keeper(t, root)
  const answer = ask('?follow=true')
  await systemClock.sleep(100)
  await appendFile(join(root, 'web/current'), `${at(2)} r1 two\n`)
  await systemClock.sleep(150)
  state.gone = true
  const lines = (await answer).body.split('\n').filter(text => text.startsWith('data: '))
  assert.deepEqual(
    lines.map(text => (JSON.parse(text.slice(6)) as { text: string }).text),
    ['one', 'two'],
  )
})

test('a rotated file that is removed at this moment is passed over; another trouble is told', async t => {
  const root = await logs(t, { 'web/current': `${at(2)} r1 two\n`, 'web/@4000.s': `${at(1)} r1 one\n` })
  const source = [{ folder: join(root, 'web'), service: 'web', n: 1 }]
  const filter = {}
  const options = { lines: 10, now: 0 }
  assert.equal((await readLogs(source, filter, options)).length, 2)
  // A link to nothing is listed, and cannot be opened: as if it was removed in between.
  await rm(join(root, 'web/@4000.s'))
  await symlink('/nowhere/at/all', join(root, 'web/@4000.s'))
  assert.deepEqual(
    (await readLogs(source, filter, options)).map(line => line.text),
    ['two'],
  )
  assert.equal((await readLogs(source, { sinceMs: 1 }, options)).length, 1)
  await rm(join(root, 'web/@4000.s'))
  await mkdir(join(root, 'web/@4000.s'))
  await assert.rejects(readLogs(source, filter, options), { code: 'EISDIR' })
})

test('a folder that is not there yet has no lines', async () => {
  assert.deepEqual(
    await readLogs([{ folder: '/nowhere/at/all', service: 'web', n: 1 }], {}, { lines: 1, now: 0 }),
    [],
  )
})

test('the newest files are read until there are enough lines, and of a long one only its end is kept', async t => {
  const long = Array.from({ length: 50 }, (_, n) => `${at(n)} r1 line ${n}\n`).join('')
  const root = await logs(t, {
    'web/@4000.s': `${at(0)} r1 old\n`,
    'web/@4001.u': long,
    'web/current': `${at(59)} r1 new\n`,
  })
  const source = [{ folder: join(root, 'web'), service: 'web', n: 1 }]
  const texts = async (lines: number) =>
    (await readLogs(source, {}, { lines, now: 0 })).map(line => line.text)
  assert.deepEqual(await texts(1), ['new'])
  assert.deepEqual(await texts(3), ['line 48', 'line 49', 'new'])
  assert.equal((await texts(52)).length, 52)
  assert.equal((await texts(52))[0], 'old')
  assert.equal((await texts(100)).length, 52)
})

test('other files of the supervisor are no logs, and a file that was last written before is not read', async t => {
  const root = await logs(t, {
    'web/current': `${at(59)} r1 new\n`,
    'web/@4000.s': `${at(58)} r1 rotated\n`,
    'web/lock': `${at(57)} r1 no log\n`,
  })
  const source = [{ folder: join(root, 'web'), service: 'web', n: 1 }]
  const now = Date.parse('2026-11-20T10:01:00Z')
  const texts = async (sinceMs: number) =>
    (await readLogs(source, { sinceMs }, { lines: 9, now })).map(line => line.text)
  await utimes(join(root, 'web/@4000.s'), now / 1000 - 10, now / 1000 - 10)
  assert.deepEqual(await texts(10_000), ['rotated', 'new'])
  assert.deepEqual(await texts(9_999), ['new'])
})
