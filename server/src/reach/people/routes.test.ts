import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Actor } from '../../api/actor.ts'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import type { Role } from '../../api/wire.ts'
import type { People } from './people.ts'
import { peopleRoutes } from './routes.ts'
import type { Person, Token } from './wire.ts'

const AT = '2026-11-20T10:00:00.000Z'
const person = (email: string, role: Role = 'operator'): Person => ({
  id: email,
  email,
  name: 'x',
  role,
  apps: {},
  secondFactor: { codes: false, passkeys: 0 },
  createdAt: AT,
})
const token = (name: string, more: Partial<Token> = {}): Token => ({
  id: `id-${name}`,
  name,
  role: 'operator',
  apps: null,
  verbs: null,
  start: 'inn_',
  madeBy: 'anna',
  createdAt: AT,
  expiresAt: null,
  usedAt: null,
  ...more,
})

/** The routes over people who are known by name; `did` is what reached them and the audit log, in order. */
async function house(
  t: TestContext,
  known: Parameters<typeof peopleOf>[0] = { anna: 'admin', otto: 'operator', vera: 'viewer' },
) {
  const crowd = peopleOf(known)
  const did: unknown[] = []
  const state = { ends: [] as Token[], tokens: [token('ci')], unknown: false, before: async () => {} }
  const people: People = {
    ...crowd.people,
    list: async () => [person('anna@x.test', 'admin')],
    async invite(wish) {
      await state.before()
      did.push(['invite', wish])
      return {
        person: { ...person(wish.email), ...wish.rights },
        link: 'http://127.0.0.1:7777/welcome?token=1',
        ended: state.ends,
      }
    },
    async remove(email) {
      did.push(['remove', email])
      return state.unknown ? null : state.ends
    },
    tokens: async () => state.tokens,
    async addToken(wish, maker: Pick<Actor, 'id' | 'name'>) {
      did.push(['add', wish, maker.id])
      return { token: token(wish.name), secret: 'inn_secret' }
    },
    async revokeToken(id) {
      did.push(['revoke', id])
      return state.unknown ? null : state.ends
    },
    handle: async () => assert.fail('no route of the library is asked'),
  }
  const audit = {
    async write(row: { actor: string; action: string; detail: string }) {
      did.push(`${row.actor}: ${row.action} ${row.detail}`)
      return did.length
    },
    lastOf: (action: string) => new Map(action === 'sign in' ? [['anna@x.test', Date.parse(AT)]] : []),
  }
  const api = await apiWith(t, crowd, app => peopleRoutes(app, { people, audit }))
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    { as = 'anna', body }: { as?: string; body?: object } = {},
  ) => {
    const headers = { cookie: as, host: 'box.test', origin: 'http://box.test' }
    const answer = await api.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { ...crowd, ask, did, state }
}

test('people and tokens are for admins alone, to read and to change', async t => {
  const { ask, did } = await house(t)
  const routes = [
    ['GET', '/api/people'],
    ['POST', '/api/people'],
    ['DELETE', '/api/people/x@x.test'],
    ['GET', '/api/tokens'],
    ['POST', '/api/tokens'],
    ['DELETE', '/api/tokens/1'],
  ] as const
  for (const [method, url] of routes)
    for (const as of ['otto', 'vera', 'nobody']) {
      const { status } = await ask(method, url, { as })
      assert.equal(status, as === 'nobody' ? 401 : 403, `${method} ${url} as ${as}`)
    }
  assert.deepEqual(did, [])
})

test('what there is, is listed', async t => {
  const { ask } = await house(t)
  assert.deepEqual((await ask('GET', '/api/people')).body, [person('anna@x.test', 'admin')])
  assert.deepEqual((await ask('GET', '/api/tokens')).body, [token('ci')])
})

test('a person is added with the role and name that were given, or is called by the begin of the address', async t => {
  const { ask, did } = await house(t)
  const body = { email: 'bob@x.test', name: 'Bob', role: 'viewer' }
  const { body: answer } = await ask('POST', '/api/people', { body })
  assert.deepEqual([answer.person.role, answer.ended], ['viewer', []])
  await ask('POST', '/api/people', { body: { email: 'eve@x.test' } })
  assert.deepEqual(did, [
    ['invite', { email: 'bob@x.test', name: 'Bob', rights: { role: 'viewer', apps: {} } }],
    'anna: people add bob@x.test as viewer',
    ['invite', { email: 'eve@x.test', name: 'eve', rights: null }],
    'anna: people add eve@x.test as operator',
  ])
})

test('what has not the shape of a person or token is refused before anything is done', async t => {
  const { ask, did } = await house(t)
  const people = [
    { email: 'bob' },
    { email: 'b@x.test', role: null },
    { email: 'b@x.test', apps: { __proto__x: 'viewer' } },
    { email: 'b@x.test', role: 'owner' },
    { email: 'b@x.test', name: '' },
    {},
  ]
  for (const body of people) assert.equal((await ask('POST', '/api/people', { body })).status, 400)
  const tokens = [
    { name: '' },
    { name: 'ci', apps: [] },
    { name: 'ci', verbs: ['fly'] },
    { name: 'ci', expiresInDays: 0 },
    { name: 'ci', expiresInDays: 3651 },
    {},
  ]
  for (const body of tokens) assert.equal((await ask('POST', '/api/tokens', { body })).status, 400)
  assert.equal((await ask('DELETE', '/api/people/bob')).status, 400)
  assert.deepEqual(did, [])
})

test('tokens that end because their maker may not make them any more are named, and written down', async t => {
  const { ask, did, state } = await house(t)
  state.ends = [token('ci'), token('cd')]
  const { body } = await ask('POST', '/api/people', { body: { email: 'bob@x.test', role: 'viewer' } })
  assert.deepEqual(body.ended, ['ci', 'cd'])
  assert.deepEqual(did.slice(2), [
    'anna: token revoke ci (id-ci): made by bob@x.test, who may not make it any more',
    'anna: token revoke cd (id-cd): made by bob@x.test, who may not make it any more',
  ])
})

test('a person is removed with their tokens; somebody unknown is a failure that nobody writes down', async t => {
  const { ask, did, state } = await house(t)
  state.ends = [token('ci')]
  const removed = await ask('DELETE', '/api/people/bob%40x.test')
  assert.deepEqual(removed.body, { removed: true, ended: ['ci'] })
  assert.deepEqual(did.splice(0), [
    ['remove', 'bob@x.test'],
    'anna: people remove bob@x.test',
    'anna: token revoke ci (id-ci): made by bob@x.test, who was removed',
  ])
  state.unknown = true
  const { status, body } = await ask('DELETE', '/api/people/bob%40x.test')
  assert.deepEqual([status, body.failure.code], [404, 'person.unknown'])
  assert.deepEqual(did, [['remove', 'bob@x.test']])
})

test('a token is an operator for a year when nothing else is said, and its secret is in this answer alone', async t => {
  const { ask, did } = await house(t)
  const { body } = await ask('POST', '/api/tokens', { body: { name: 'ci' } })
  assert.equal(body.secret, 'inn_secret')
  assert.deepEqual(did, [
    ['add', { name: 'ci', role: 'operator', apps: null, verbs: null, expiresInDays: 365 }, 'person:anna'],
    'anna: token add ci as operator',
  ])
  assert.doesNotMatch(JSON.stringify((await ask('GET', '/api/tokens')).body), /inn_secret/)
})

test('a role in one app is named without one in all of them; whoever names a role alone names all there is', async t => {
  const { ask, did } = await house(t)
  const apps = { shop: 'operator', 'shop@staging': 'admin' }
  const { body } = await ask('POST', '/api/people', { body: { email: 'bob@x.test', apps } })
  assert.deepEqual([body.person.role, body.person.apps], [null, apps])
  assert.equal(did[1], 'anna: people add bob@x.test as operator of shop, and admin of shop@staging')
})

test('an admin of one app makes, sees and revokes the tokens for it, and no others', async t => {
  const { ask, did, state } = await house(t, { sara: { role: 'viewer', apps: { shop: 'admin' } } })
  const own = { name: 'ci', apps: ['shop'], verbs: ['deploy'] }
  assert.equal((await ask('POST', '/api/tokens', { as: 'sara', body: own })).status, 200)
  assert.deepEqual(did.splice(0), [
    ['add', { ...own, role: 'operator', expiresInDays: 365 }, 'person:sara'],
    'sara: token add ci as operator of shop, for deploy alone',
  ])
  for (const apps of [null, ['bar'], ['shop', 'bar']]) {
    const { status, body } = await ask('POST', '/api/tokens', { as: 'sara', body: { name: 'ci', apps } })
    assert.deepEqual([status, body.failure.code], [422, 'token.rights'], String(apps))
  }
  state.tokens = [token('all'), token('own', { apps: ['shop'] }), token('bar', { apps: ['bar'] })]
  const seen = (await ask('GET', '/api/tokens', { as: 'sara' })).body as Token[]
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['own'],
  )
  assert.equal((await ask('DELETE', '/api/tokens/id-all', { as: 'sara' })).status, 404)
  assert.deepEqual(did, [])
  assert.equal((await ask('DELETE', '/api/tokens/id-own', { as: 'sara' })).status, 200)
  assert.equal((await ask('GET', '/api/people', { as: 'sara' })).status, 403)
})

test('a token is revoked, with those that were made with it; itself is not named among them', async t => {
  const { ask, did, state } = await house(t)
  state.ends = [token('ci'), token('child')]
  const { body } = await ask('DELETE', '/api/tokens/id-ci')
  assert.deepEqual(body, { revoked: true, ended: ['child'] })
  assert.deepEqual(did.splice(0), [
    ['revoke', 'id-ci'],
    'anna: token revoke id-ci',
    'anna: token revoke child (id-child): made with a token that was revoked',
  ])
  state.unknown = true
  const unknown = await ask('DELETE', '/api/tokens/id-ci')
  assert.deepEqual([unknown.status, unknown.body.failure.code], [404, 'token.unknown'])
  assert.deepEqual(did, [['revoke', 'id-ci']])
})

test('changes come one after the other, and whoever lost the right meanwhile changes nothing', async t => {
  const { ask, did, state, remove } = await house(t, { anna: 'admin', eve: 'admin' })
  let go = () => {}
  const begun = new Promise<void>(begins => {
    state.before = () =>
      new Promise<void>(resolve => {
        begins()
        go = resolve
      })
  })
  const first = ask('POST', '/api/people', { body: { email: 'bob@x.test' } })
  await begun
  const second = ask('POST', '/api/tokens', { as: 'eve', body: { name: 'back-door' } })
  const third = ask('POST', '/api/tokens', { body: { name: 'ci' } })
  await new Promise(resolve => setTimeout(resolve, 30))
  assert.deepEqual(did, [], 'the others wait')
  remove('eve')
  go()
  assert.deepEqual([(await first).status, (await second).status, (await third).status], [200, 401, 200])
  assert.deepEqual(did, [
    ['invite', { email: 'bob@x.test', name: 'bob', rights: null }],
    'anna: people add bob@x.test as operator',
    ['add', { name: 'ci', role: 'operator', apps: null, verbs: null, expiresInDays: 365 }, 'person:anna'],
    'anna: token add ci as operator',
  ])
})

test('who has access is looked through by an admin, and that it was is written down', async t => {
  const { ask, did } = await house(t)
  assert.equal((await ask('GET', '/api/people/review', { as: 'otto' })).status, 403)
  const { body } = await ask('GET', '/api/people/review')
  assert.deepEqual([body.people[0].signedInAt, body.reviewedAt], [AT, null])
  assert.equal((await ask('POST', '/api/people/review', { body: {} })).status, 200)
  assert.match(String(did.at(-1)), /^anna: people review 1 with a password, 1 by a token$/)
})
