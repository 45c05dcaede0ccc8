import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { connectTo } from '../cli/client.ts'
import { listenTrusted, statusOf } from './access.ts'
import { may } from './actor.ts'
import { apiWith, peopleOf } from './api.fixture.ts'

const ALL = { vera: 'viewer', otto: 'operator', anna: 'admin' } as const
const HERE = { host: 'box.test', origin: 'http://box.test' }

/** Three doors and a public one, whose answer is who came in. */
async function doors(t: TestContext, known: Parameters<typeof peopleOf>[0] = ALL) {
  const crowd = peopleOf(known)
  const answered: string[] = []
  const api = await apiWith(t, crowd, app => {
    const answer = async (request: { actor: { name: string; role: string | null } }) => {
      answered.push(request.actor.name)
      return { name: request.actor.name, role: request.actor.role }
    }
    app.get('/api/public', { config: { permission: 'public' } }, answer)
    for (const permission of ['viewer', 'operator', 'admin'] as const) {
      app.get(`/api/${permission}`, { config: { permission } }, answer)
      app.post(`/api/${permission}`, { config: { permission } }, answer)
    }
  })
  const ask = async (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) => {
    const answer = await api.inject({ method, url, headers })
    const body = answer.json() as { name?: string; failure?: { code: string; why: string } }
    return { status: answer.statusCode, code: body.failure?.code, why: body.failure?.why, name: body.name }
  }
  return { ...crowd, api, ask, answered }
}

test('a role is enough for what it is and for what is below it', () => {
  const roles = ['viewer', 'operator', 'admin'] as const
  const table = roles.map(role => roles.map(needed => may(role, needed)))
  assert.deepEqual(table, [
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ])
})

test('each door lets in whom it is for, and tells the others what they lack', async t => {
  const { ask } = await doors(t)
  const seen = async (cookie: string) =>
    Promise.all(
      ['viewer', 'operator', 'admin'].map(
        async door => (await ask('GET', `/api/${door}`, { cookie })).status,
      ),
    )
  assert.deepEqual(await seen('vera'), [200, 403, 403])
  assert.deepEqual(await seen('otto'), [200, 200, 403])
  assert.deepEqual(await seen('anna'), [200, 200, 200])
  assert.deepEqual(await seen('gone'), [401, 401, 401])
  const refused = await ask('GET', '/api/admin', { cookie: 'otto' })
  assert.deepEqual(
    [refused.code, refused.why],
    ['access.forbidden', 'it takes the role admin, and otto is operator'],
  )
  assert.equal((await ask('GET', '/api/viewer')).code, 'access.unknown')
  assert.equal((await ask('GET', '/api/public')).status, 200)
})

test('a door is about the app of its path, about none, or asks for each app by itself', async t => {
  const crowd = peopleOf({
    olga: { role: 'viewer', apps: { shop: 'operator' } },
    bart: { apps: { bar: 'viewer' } },
  })
  const api = await apiWith(t, crowd, app => {
    const said = async (request: FastifyRequest) => ({
      sees: ['shop', 'bar', null].filter(one => request.permits(one)),
      reach: request.reach(),
    })
    app.get('/api/apps/:app/x', { config: { permission: 'operator' } }, said)
    app.get('/api/server', { config: { permission: 'operator' } }, said)
    app.get('/api/each', { config: { permission: 'viewer', sorts: true } }, said)
    app.post('/api/demands', { config: { permission: 'operator', sorts: true } }, async request => {
      request.demand('shop')
      return {}
    })
  })
  const ask = async (url: string, cookie: string) => {
    const answer = await api.inject({ url, headers: { cookie } })
    return answer.statusCode === 200 ? answer.json() : answer.json().failure.why
  }
  assert.deepEqual(await ask('/api/apps/shop/x', 'olga'), { sees: ['shop'], reach: ['shop'] })
  assert.equal(await ask('/api/apps/bar/x', 'olga'), 'it takes the role operator, and olga is viewer')
  assert.equal(await ask('/api/server', 'olga'), 'it takes the role operator, and olga is viewer')
  assert.deepEqual(await ask('/api/each', 'olga'), { sees: ['shop', 'bar', null], reach: null })
  assert.deepEqual(await ask('/api/each', 'bart'), { sees: ['bar'], reach: ['bar'] })
  assert.equal(
    await ask('/api/apps/shop/x', 'bart'),
    'it takes the role operator in shop, and bart has none there',
  )
  const post = { method: 'POST', url: '/api/demands' } as const
  const headers = (cookie: string) => ({ cookie, ...HERE })
  assert.equal((await api.inject({ ...post, headers: headers('olga') })).statusCode, 200)
  crowd.becomes('olga', { role: 'viewer', apps: { bar: 'operator' } })
  assert.equal((await api.inject({ ...post, headers: headers('olga') })).statusCode, 403)
})

test('a token that is held to verbs gets in where one of them is named, and nowhere else', async t => {
  const crowd = peopleOf({
    ci: { apps: { shop: 'admin' }, verbs: ['deploy'] },
    board: { role: 'admin', verbs: ['read'] },
  })
  const api = await apiWith(t, crowd, app => {
    const said = async () => ({})
    app.post('/api/apps/:app/deploys', { config: { permission: 'operator', verb: 'deploy' } }, said)
    app.post('/api/apps/:app/scale', { config: { permission: 'operator', verb: 'scale' } }, said)
    app.post('/api/apps/:app/new', { config: { permission: 'operator' } }, said)
    app.get('/api/apps/:app/logs', { config: { permission: 'viewer' } }, said)
    app.get('/api/apps/:app/secret', { config: { permission: 'admin' } }, said)
    app.get('/api/apps/:app/state', { config: { permission: 'viewer', verb: 'any' } }, said)
  })
  const seen = async (name: string) =>
    Promise.all(
      ['POST deploys', 'POST scale', 'POST new', 'GET logs', 'GET secret', 'GET state'].map(async door => {
        const [method, path] = door.split(' ') as ['GET', string]
        const headers = { authorization: `Bearer ${name}` }
        return (await api.inject({ method, url: `/api/apps/shop/${path}`, headers })).statusCode
      }),
    )
  assert.deepEqual(await seen('ci'), [200, 403, 403, 403, 403, 200])
  assert.deepEqual(await seen('board'), [403, 403, 403, 200, 403, 200])
})

test('until somebody was added nobody gets in, and it is said how', async t => {
  const { ask } = await doors(t, {})
  const { status, code } = await ask('GET', '/api/viewer', { cookie: 'anna' })
  assert.deepEqual([status, code], [401, 'access.closed'])
})

test('a change with a cookie has to come from a page of this address; looking and tokens need not', async t => {
  const { ask, answered } = await doors(t)
  const post = (headers: Record<string, string>) =>
    ask('POST', '/api/operator', { host: 'box.test', ...headers })
  assert.equal((await post({ cookie: 'otto', origin: 'http://box.test' })).status, 200)
  const before = answered.length
  for (const origin of [
    'http://evil.test',
    'http://box.test.evil.test',
    'http://box.test:81',
    'null',
    'box.test',
  ]) {
    const { status, code } = await post({ cookie: 'otto', origin })
    assert.deepEqual([status, code], [403, 'access.origin'], origin)
  }
  assert.equal((await post({ cookie: 'otto' })).code, 'access.origin', 'no browser leaves it out')
  assert.equal(answered.length, before, 'nothing was done')
  assert.equal((await post({ authorization: 'Bearer otto' })).status, 200)
  assert.equal(
    (await ask('GET', '/api/operator', { cookie: 'otto', origin: 'http://evil.test' })).status,
    200,
  )
})

test('whoever is removed while the body comes is refused before anything is done', async t => {
  const { api, ask, answered, remove } = await doors(t)
  api.addHook('preParsing', async () => remove('otto'))
  const { status, code } = await ask('POST', '/api/operator', { cookie: 'otto', ...HERE })
  assert.deepEqual([status, code, answered], [401, 'access.unknown', []])
})

test('a door that names no permission keeps the server from starting', async t => {
  const open = apiWith(t, peopleOf(ALL), app => void app.get('/api/open', async () => 'x'))
  await assert.rejects(open, /GET \/api\/open names no permission/)
})

test('the unix socket is for its owner alone, is trusted, and names who asks as far as 64 characters', async t => {
  const { api } = await doors(t, { vera: 'viewer' })
  const folder = await mkdtemp(join(tmpdir(), 'inn-api-'))
  t.after(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, 'x.sock')
  await api.ready()
  // It lives as long as the keeper, so nothing hands it out to be closed.
  const { listen } = Server.prototype
  const opened = t.mock.method(Server.prototype, 'listen', function (this: Server, ...all: unknown[]) {
    t.after(() => this.close())
    return Reflect.apply(listen, this, all) as Server
  })
  await listenTrusted(api, socketPath)
  opened.mock.restore()
  assert.equal((await stat(socketPath)).mode & 0o777, 0o600)
  const who = (name: string) => connectTo({ socketPath }, name).post('/api/admin', {})
  assert.deepEqual(await who('anna'), { name: 'anna', role: 'admin' })
  assert.deepEqual(await who('x'.repeat(100)), { name: 'x'.repeat(64), role: 'admin' })
  const vera = connectTo({ socketPath, token: 'vera' }, 'anna')
  assert.deepEqual(await vera.get('/api/viewer'), { name: 'vera', role: 'viewer' })
  await assert.rejects(vera.post('/api/admin', {}), { code: 'access.forbidden' })
  const pretends = await api.inject({ url: '/api/admin', headers: { 'x-innkeeper-actor': 'anna' } })
  assert.equal(pretends.statusCode, 401, 'the header alone opens nothing')
})

test('each failure has the status that programs expect of it', () => {
  const statuses = {
    'access.closed': 401,
    'access.unknown': 401,
    'access.forbidden': 403,
    'access.origin': 403,
    'access.slow': 429,
    'checkin.slow': 429,
    'run.locked': 409,
    'run.past-return': 409,
    'app.unknown': 404,
    'database.down': 503,
    'deploy.not-ready': 422,
    internal: 500,
  }
  for (const [code, status] of Object.entries(statuses)) assert.equal(statusOf(code), status, code)
})
