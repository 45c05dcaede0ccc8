import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { toldAttempts } from './attempts-told.ts'
import { authRoutes } from './routes-auth.ts'
import type { Person } from './wire.ts'

const SIGN_IN = '/api/auth/sign-in/email'
const HERE = { host: 'box.test', origin: 'http://box.test' }
const GOOD = { email: 'anna@x.test', password: 'right' }

type Entry = Record<'actor' | 'action' | 'detail', string>

/** The doors, and the library behind them: it knows one password, and remembers what it was asked. */
async function doors(t: TestContext, known: Parameters<typeof peopleOf>[0] = { anna: 'admin' }) {
  const { people } = peopleOf(known)
  const state = {
    now: 0,
    said: { session: 'canary' } as object,
    cookies: ['session=1; HttpOnly; SameSite=Lax'],
  }
  const did: string[] = []
  const passed: Array<{ url: string; headers: Record<string, string>; body: unknown }> = []
  const handle = async (request: Request) => {
    const body = (await request.json()) as { password?: string }
    passed.push({ url: request.url, headers: Object.fromEntries(request.headers), body })
    const ok = body.password === undefined || body.password === 'right'
    const headers = new Headers({ 'content-type': 'application/json', 'x-inner': 'stays inside' })
    if (ok) for (const cookie of state.cookies) headers.append('set-cookie', cookie)
    const good = request.url.includes('two-factor') ? { user: { email: 'anna@x.test' } } : state.said
    const said = ok ? good : { message: 'Invalid email or password', code: 'INVALID' }
    return new Response(JSON.stringify(said), { status: ok ? 200 : 401, headers })
  }
  const list = async () => [{ email: 'anna@x.test' } as Person]
  const ports = {
    people: { ...people, list, handle },
    audit: { write: async (row: Entry) => did.push(`${row.actor}: ${row.action} ${row.detail}`) },
  }
  const clock = { now: () => state.now, sleep: async () => {} }
  const attempts = toldAttempts({ ...ports, clock })
  const api = await apiWith(t, { people }, app => authRoutes(app, { ...ports, attempts }))
  const post = async (
    url: string,
    body: object | string | undefined,
    { headers = {}, address = '203.0.113.5' }: { headers?: Record<string, string>; address?: string } = {},
  ) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const all = { ...HERE, ...type, 'x-forwarded-for': address, ...headers }
    const payload = body === undefined ? {} : { payload: body }
    return api.inject({ method: 'POST', url, headers: all, remoteAddress: '127.0.0.1', ...payload })
  }
  return { api, post, passed, state, did, attempts }
}

test('signing in sets the cookie, and says nothing of the session to the page', async t => {
  const { post, passed } = await doors(t)
  const answer = await post(SIGN_IN, GOOD, { headers: { cookie: 'old=1', 'x-other': 'stays outside' } })
  assert.deepEqual([answer.statusCode, answer.json()], [200, { signedIn: true }])
  assert.deepEqual([answer.headers['set-cookie']].flat(), ['session=1; HttpOnly; SameSite=Lax'])
  assert.equal(answer.headers['x-inner'], undefined)
  const [{ url, headers, body }] = passed as [(typeof passed)[0]]
  assert.equal(url, `http://box.test${SIGN_IN}`)
  assert.deepEqual(body, GOOD)
  assert.deepEqual(
    [headers['cookie'], headers['origin'], headers['x-other']],
    ['old=1', 'http://box.test', undefined],
  )
})

test('who signs in, and that a password was chosen, is in the audit log; a wrong password is not', async t => {
  const { post, did } = await doors(t)
  await post(SIGN_IN, { ...GOOD, password: 'wrong' })
  await post(SIGN_IN, { ...GOOD, email: 'Anna@x.test' })
  await post(
    '/api/auth/reset-password',
    { newPassword: 'a new password', token: 'x' },
    { address: '127.0.0.1' },
  )
  assert.deepEqual(did, [
    'anna@x.test: sign in from 203.0.113.5',
    'somebody with a link: password from this server',
  ])
})

test('a wrong password is told in the words of the library, with its status and no cookie', async t => {
  const { post } = await doors(t)
  const answer = await post(SIGN_IN, { ...GOOD, password: 'wrong' })
  assert.deepEqual([answer.statusCode, answer.json().message], [401, 'Invalid email or password'])
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('signing out and choosing a password pass on what the library says, each to its own route', async t => {
  const { post, passed } = await doors(t)
  const out = await post('/api/auth/sign-out', undefined, { headers: { cookie: 'session=1' } })
  assert.deepEqual([out.statusCode, out.json()], [200, { session: 'canary' }])
  const body = { newPassword: 'new', token: 't' }
  assert.equal((await post('/api/auth/reset-password', body)).statusCode, 200)
  assert.deepEqual(
    passed.map(one => [new URL(one.url).pathname, one.body]),
    [
      ['/api/auth/sign-out', {}],
      ['/api/auth/reset-password', body],
    ],
  )
})

test('no other route of the library is reached, however it is spelled', async t => {
  const { post, passed } = await doors(t)
  for (const path of [
    '/api/auth/api-key/create',
    '/api/auth/sign-up/email',
    '/api/auth/sign-in/email/../../sign-up/email',
    '/api/auth/sign-in/email%2f..%2f..%2fsign-up',
    '/api/auth//sign-in/email',
    '/api/auth/sign-in/EMAIL',
  ])
    assert.equal((await post(path, GOOD)).statusCode, 404, path)
  assert.deepEqual(passed, [])
})

test('until somebody was added the doors are closed, before a body is read', async t => {
  const { post, passed } = await doors(t, {})
  for (const path of [SIGN_IN, '/api/auth/sign-out', '/api/auth/reset-password']) {
    const { failure } = (await post(path, '{"broken')).json()
    assert.equal(failure.code, 'access.closed', path)
  }
  assert.deepEqual(passed, [])
})

test('a page of another site signs nobody in or out; a program without a page may', async t => {
  const { post, passed, api } = await doors(t)
  for (const origin of ['http://evil.test', 'null', 'http://box.test:81'])
    for (const path of [SIGN_IN, '/api/auth/sign-out', '/api/auth/reset-password']) {
      const answer = await post(path, GOOD, { headers: { origin } })
      assert.deepEqual([answer.statusCode, answer.json().failure.code], [403, 'access.origin'])
    }
  assert.deepEqual(passed, [])
  const headers = { host: 'box.test', 'content-type': 'application/json' }
  assert.equal((await api.inject({ method: 'POST', url: SIGN_IN, headers, payload: GOOD })).statusCode, 200)
})

test('what has not the shape of a sign-in does not reach the library', async t => {
  const { post, passed } = await doors(t)
  const long = 'x'.repeat(1025)
  for (const body of [{}, { ...GOOD, email: 'anna' }, { ...GOOD, password: long }])
    assert.equal((await post(SIGN_IN, body)).statusCode, 400)
  assert.equal((await post('/api/auth/reset-password', { newPassword: long, token: 't' })).statusCode, 400)
  assert.deepEqual(passed, [])
})

test('behind TLS every cookie is for TLS alone, and one that is so already stays as it is', async t => {
  const { post, state } = await doors(t)
  state.cookies = ['a=1; HttpOnly', 'b=2; Secure; HttpOnly']
  const cookies = async (proto: string) =>
    [(await post(SIGN_IN, GOOD, { headers: { 'x-forwarded-proto': proto } })).headers['set-cookie']].flat()
  assert.deepEqual(await cookies('https'), ['a=1; HttpOnly; Secure', 'b=2; Secure; HttpOnly'])
  assert.deepEqual(await cookies('http'), ['a=1; HttpOnly', 'b=2; Secure; HttpOnly'])
})

test('a request that does not say where it was sent to is refused', async t => {
  const { api, passed } = await doors(t)
  const headers = { host: 'a b', 'content-type': 'application/json' }
  const answer = await api.inject({ method: 'POST', url: SIGN_IN, headers, payload: GOOD })
  assert.deepEqual([answer.statusCode, answer.json().failure.code], [400, 'request.host'])
  assert.deepEqual(passed, [])
})

const wrong = { ...GOOD, password: 'wrong' }

test('whoever guesses waits, is told how long, and does not reach the library meanwhile', async t => {
  const { post, passed, state } = await doors(t)
  for (let n = 0; n < 5; n++) assert.equal((await post(SIGN_IN, wrong)).statusCode, 401)
  const slow = await post(SIGN_IN, GOOD)
  assert.deepEqual([slow.statusCode, slow.json().failure.code], [429, 'access.slow'])
  assert.equal(slow.headers['retry-after'], '1')
  assert.match(slow.json().failure.fix, /in 1 s/)
  assert.equal(passed.length, 5)
  assert.equal((await post(SIGN_IN, GOOD, { address: '203.0.113.6' })).statusCode, 200, 'from elsewhere')
  state.now += 1_000
  assert.equal((await post(SIGN_IN, GOOD)).statusCode, 200)
  assert.equal((await post(SIGN_IN, wrong)).statusCode, 401, 'a right password ends the counting')
})

test('whoever has a second factor is not in before its code', async t => {
  const { post, state, did, passed } = await doors(t)
  state.said = { twoFactorRedirect: true, twoFactorMethods: ['totp'] }
  const first = await post(SIGN_IN, GOOD)
  assert.deepEqual(first.json(), { signedIn: false, secondFactor: true })
  assert.deepEqual(did, [], 'and no sign-in is written down')
  const second = await post('/api/auth/two-factor/verify-totp', { code: '123456', trustDevice: true })
  assert.deepEqual(second.json(), { signedIn: true })
  assert.deepEqual(did, ['anna@x.test: sign in from 203.0.113.5'])
  assert.deepEqual(passed.at(-1)!.body, { code: '123456' }, 'no device is trusted for a month')
})

test('that somebody is guessed at is written down once in a while, and of nobody who is not there', async t => {
  const { post, did, state, attempts } = await doors(t)
  for (let n = 0; n < 8; n++) await post(SIGN_IN, wrong)
  for (let n = 0; n < 8; n++) await post(SIGN_IN, { ...wrong, email: 'made-up@x.test' })
  const said = 'anna@x.test: sign in slowed too many wrong passwords, at last from 203.0.113.5'
  assert.deepEqual(
    did.map(entry => entry.split(':').slice(0, 2).join(':')),
    [said],
  )
  assert.equal((await post(SIGN_IN, GOOD)).statusCode, 429)
  attempts.forget('Anna@x.test')
  assert.equal((await post(SIGN_IN, GOOD)).statusCode, 200, 'a person on the server ends the wait')
  state.now += 16 * 60_000
  for (let n = 0; n < 8; n++) await post(SIGN_IN, wrong)
  assert.equal(did.filter(entry => entry.includes('slowed')).length, 2)
})

/** How many wrong passwords for one person these addresses have until somebody waits, one after the other. */
async function until(t: TestContext, addresses: readonly string[]): Promise<number> {
  const { post } = await doors(t)
  for (let n = 0; ; n++)
    if ((await post(SIGN_IN, wrong, { address: addresses[n % addresses.length]! })).statusCode === 429)
      return n
}

test('an IPv6 client is known by its network, whatever address in it comes; IPv4 by the whole address', async t => {
  assert.equal(await until(t, ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9']), 5)
  assert.equal(await until(t, ['2001:db8:1:2::1', '2001:db8:1:3::1']), 10)
  assert.equal(await until(t, ['203.0.113.5', '203.0.113.6']), 10)
})

test('only what the proxy itself saw is an address; what a client claims before it is not', async t => {
  assert.equal(await until(t, ['198.51.100.1, 203.0.113.5', '198.51.100.2, 203.0.113.5']), 5)
})

test('for loopback nobody is behind the address, so persons are told apart and the house is not', async t => {
  const { post } = await doors(t)
  for (let n = 0; n < 45; n++) {
    const email = `p${n}@x.test`
    const answer = await post(SIGN_IN, { email, password: 'wrong' }, { address: '127.0.0.1' })
    assert.equal(answer.statusCode, 401, `person ${n}`)
  }
  const office = await doors(t)
  const codes: number[] = []
  for (let n = 0; n < 41; n++)
    codes.push((await office.post(SIGN_IN, { email: `p${n}@x.test`, password: 'wrong' })).statusCode)
  assert.deepEqual([codes[39], codes[40]], [401, 429], 'one address for all')
})
