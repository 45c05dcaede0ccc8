import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Failure } from '../kernel/failure.ts'
import type { People } from '../reach/people/people.ts'
import type { Actor } from './actor.ts'
import { answering } from './begin.ts'
import type { Routes } from './routes.ts'
import { buildApi } from './server.ts'

const KNOWN: Record<string, Actor> = {
  'Bearer anna': { id: 'token:anna', name: 'anna', email: null, role: 'operator' },
  'Bearer vera': { id: 'token:vera', name: 'vera', email: null, role: 'viewer' },
}

interface Wanted {
  routes?: (app: Routes) => void
  people?: Partial<People>
}

async function api({ routes = () => {}, people = {} }: Wanted = {}) {
  const everybody = {
    any: () => true,
    identify: async (headers: Headers) => KNOWN[headers.get('authorization') ?? ''] ?? null,
    ...people,
  } as People
  return buildApi({ version: '1', webFolder: '/nonexistent', people: everybody, routes: [routes] })
}
const operator = { permission: 'operator' } as const
const as = (name: string) => ({ authorization: `Bearer ${name}` })

test('a route asks for its role: unknown, too little, enough', async () => {
  const app = await api({
    routes: it => void it.post('/api/do', { config: operator }, async () => ({ ok: true })),
  })
  const status = async (headers: Record<string, string>) =>
    (await app.inject({ method: 'POST', url: '/api/do', headers })).statusCode
  assert.deepEqual([await status({}), await status(as('vera')), await status(as('anna'))], [401, 403, 200])
  await app.close()
})

test('while nobody was added, nothing is let in, whatever it carries', async () => {
  const app = await api({
    people: { any: () => false },
    routes: it => void it.get('/api/see', { config: { permission: 'viewer' } }, async () => ({})),
  })
  const answer = await app.inject({ url: '/api/see', headers: as('anna') })
  assert.equal(answer.statusCode, 401)
  assert.equal(answer.json().failure.code, 'access.closed')
  await app.close()
})

test('a failure leaves as what, why and fix, with the status of its code; a defect tells nothing of the code', async () => {
  const thrown: Record<string, () => never> = {
    locked: () => {
      throw new Failure('run.locked', 'it is locked', { why: 'another run', fix: 'wait' })
    },
    unknown: () => {
      throw new Failure('app.unknown', 'no app', { why: 'none', fix: 'inn status' })
    },
    down: () => {
      throw new Failure('database.down', 'no database', { why: 'none', fix: 'inn logs' })
    },
    other: () => {
      throw new Failure('deploy.exits', 'it exits', { why: 'it', fix: 'mend' })
    },
    defect: () => {
      throw new TypeError('undefined is not a function')
    },
  }
  const app = await api({
    routes: it =>
      void it.get(
        '/api/throw/:what',
        { config: { permission: 'viewer' }, schema: { params: z.object({ what: z.string() }) } },
        async request => thrown[request.params.what]!(),
      ),
  })
  const of = async (what: string) => {
    const answer = await app.inject({ url: `/api/throw/${what}`, headers: as('vera') })
    return [answer.statusCode, answer.json().failure.code]
  }
  assert.deepEqual(await of('locked'), [409, 'run.locked'])
  assert.deepEqual(await of('unknown'), [404, 'app.unknown'])
  assert.deepEqual(await of('down'), [503, 'database.down'])
  assert.deepEqual(await of('other'), [422, 'deploy.exits'])
  assert.deepEqual(await of('defect'), [500, 'internal'])
  await app.close()
})

test('a body of the wrong shape names the field, one that is no JSON says so', async () => {
  const app = await api({
    routes: it =>
      void it.post(
        '/api/scale',
        { config: operator, schema: { body: z.object({ instances: z.object({ api: z.number() }) }) } },
        async () => ({}),
      ),
  })
  const send = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/api/scale',
      headers: { ...as('anna'), 'content-type': 'application/json' },
      payload,
    })
  const wrong = (await send('{"instances":{"api":"two"}}')).json().failure
  assert.equal(wrong.code, 'request.invalid')
  assert.match(wrong.why, /instances\.api/)
  const broken = await send('{"instances":')
  assert.deepEqual([broken.statusCode, broken.json().failure.code], [400, 'request.invalid'])
  await app.close()
})

test('what is no route says so; a page that was not built says what to do', async () => {
  const app = await api()
  const none = await app.inject({ url: '/api/none', headers: as('vera') })
  assert.deepEqual([none.statusCode, none.json().failure.code], [404, 'route.unknown'])
  const page = await app.inject({ url: '/apps/shop', headers: { accept: 'text/html' } })
  assert.match(page.json().failure.fix, /inn up/)
  await app.close()
})

test('every answer forbids frames and foreign scripts', async () => {
  const app = await api()
  const { headers } = await app.inject({ url: '/api/none', headers: as('vera') })
  assert.match(String(headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  await app.close()
})

test('a plan is shown without being begun; what is begun is written into the audit log with its run', async () => {
  const plan = { kind: 'deploy', title: 'deploy shop', app: 'shop', notices: ['mind the gap'] } as never
  const written: unknown[] = []
  const begun: string[] = []
  const answer = answering({
    view: { plan: () => 'shown', summary: (row: { id: string }) => `run ${row.id}` } as never,
    journal: { read: id => ({ id }) as never },
    audit: { write: async row => written.push(row) },
    begin: async (_, actor) => {
      begun.push(actor)
      return 'r-1'
    },
  })
  const request = { actor: KNOWN['Bearer anna'] } as never
  assert.deepEqual(await answer(request, { plan: true }, plan), { plan: 'shown' })
  assert.deepEqual([begun, written], [[], []])
  assert.deepEqual(await answer(request, { plan: false }, plan), {
    run: 'run r-1',
    notices: ['mind the gap'],
  })
  assert.deepEqual(begun, ['anna'])
  assert.deepEqual(written, [
    { actor: 'anna', action: 'deploy', app: 'shop', run: 'r-1', detail: 'deploy shop' },
  ])
})
