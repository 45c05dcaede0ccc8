import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import type { Factors } from '../../server/src/reach/people/wire.ts'
import { type Authenticator, type Made, makeAuthenticator } from '../kit/authenticator.ts'
import { cookieOf, member, PASSWORD, post, signIn } from '../kit/people.ts'
import { makeServer, type Server } from '../kit/server.ts'

type Headers = Record<string, string>
type Options = Parameters<Authenticator['create']>[0] & Parameters<Authenticator['sign']>[0]

const ASK = '/api/auth/passkey/generate-authenticate-options'
const ANSWER = '/api/auth/passkey/verify-authentication'
const DOMAIN = 'https://inn.example.com'

let server: Server
/** The dashboard at the end of a tunnel. */
let url: string

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url.replace('127.0.0.1', 'localhost')
  await member(server, url, 'root@example.com', 'admin')
})

after(() => server?.remove())

const cookies = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0]!)
    .join('; ')

const statusAs = async (headers: Headers, path = '/api/status'): Promise<number> => {
  const answer = await fetch(url + path, { headers })
  await answer.body?.cancel()
  return answer.status
}

const codeOf = async (answer: Response): Promise<string> => {
  const said = (await answer.json()) as { code?: string; failure?: { code: string } }
  return said.failure?.code ?? said.code ?? 'none'
}

/** What a proxy with TLS on this machine says of a page at another name. */
const at = (origin: string): Headers => ({
  origin,
  'x-forwarded-host': new URL(origin).host,
  'x-forwarded-proto': new URL(origin).protocol.slice(0, -1),
})

/** What a passkey is made of, and the headers that keep it. */
async function begin(headers: Headers): Promise<{ options: Options; headers: Headers }> {
  const answer = await post(`${url}/api/me/passkeys/options`, { password: PASSWORD }, headers)
  assert.equal(answer.status, 200, await answer.clone().text())
  const cookie = `${headers['cookie']}; ${cookies(answer)}`
  return { options: (await answer.json()) as Options, headers: { ...headers, cookie } }
}

const keep = (response: Made, headers: Headers, name = 'laptop'): Promise<Response> =>
  post(`${url}/api/me/passkeys`, { name, response }, headers)

async function add(headers: Headers, device = makeAuthenticator()): Promise<Authenticator> {
  const asked = await begin(headers)
  const kept = await keep(device.create(asked.options, { origin: headers['origin'] ?? url }), asked.headers)
  assert.equal(kept.status, 200, await kept.clone().text())
  return device
}

let asked = 0

/** Each from an address of its own, because how many may come from one is counted. */
async function ask(headers: Headers = {}): Promise<{ options: Options; headers: Headers }> {
  const answer = await post(url + ASK, {}, { 'x-forwarded-for': `198.51.100.${asked++}`, ...headers })
  assert.equal(answer.status, 200, await answer.clone().text())
  return { options: (await answer.json()) as Options, headers: { ...headers, cookie: cookies(answer) } }
}

const answerWith = (response: Made, headers: Headers): Promise<Response> =>
  post(url + ANSWER, { response }, headers)

/** Signs in as a page does; `page`: what is otherwise with the device. */
async function enter(
  device: Authenticator,
  page: Partial<Parameters<Authenticator['sign']>[1]> = {},
  given: Headers = {},
): Promise<Response> {
  const { options, headers } = await ask(given)
  return answerWith(device.sign(options, { origin: given['origin'] ?? url, ...page }), headers)
}

const factors = async (headers: Headers): Promise<Factors> =>
  (await (await fetch(`${url}/api/me/second-factor`, { headers })).json()) as Factors

const remove = async (headers: Headers, password = PASSWORD): Promise<Response> => {
  const [first] = (await factors(headers)).passkeys
  return post(`${url}/api/me/passkeys/${first!.id}/remove`, { password }, headers)
}

test('a passkey signs in without password or code; removed, it opens nothing, and what it had opened ends', async () => {
  const anna = await member(server, url, 'anna@example.com', 'operator')
  const device = await add(anna)
  const answer = await enter(device)
  assert.deepEqual([answer.status, await answer.clone().json()], [200, { signedIn: true }])
  for (const cookie of answer.headers.getSetCookie()) assert.match(cookie, /; HttpOnly.*; SameSite=Lax/)
  const elsewhere = { cookie: cookies(answer), origin: url }
  assert.equal(await statusAs(elsewhere), 200)
  const [kept] = (await factors(anna)).passkeys
  assert.deepEqual([kept!.name, kept!.host, kept!.usedAt !== null], ['laptop', 'localhost', true])

  assert.equal((await remove(anna, 'not the password')).status, 400)
  assert.equal((await remove(anna)).status, 200)
  assert.deepEqual([await statusAs(anna), await statusAs(elsewhere)], [200, 401])
  const again = await enter(device)
  assert.deepEqual([again.status, await codeOf(again)], [401, 'PASSKEY_NOT_FOUND'])
  const rows = await server.client.get<Array<{ actor: string; action: string; detail: string }>>('/api/audit')
  const told = rows.filter(row => row.action === 'passkey' || row.detail.includes('passkey'))
  assert.deepEqual(
    told.map(row => `${row.actor}: ${row.action} ${row.detail}`),
    [
      'anna: passkey removed laptop, for localhost',
      'anna@example.com: sign in from this server, with the passkey laptop',
      'anna: passkey added laptop, for localhost',
    ],
  )
})

test('what a device signed counts once, for the question of this browser, and in its order', async () => {
  const ben = await member(server, url, 'ben@example.com', 'viewer')
  const device = await add(ben)
  const { options, headers } = await ask()
  const signed = device.sign(options, { origin: url, count: 5 })
  assert.equal(await codeOf(await answerWith(signed, (await ask()).headers)), 'AUTHENTICATION_FAILED')
  assert.equal(await codeOf(await answerWith(signed, {})), 'CHALLENGE_NOT_FOUND')
  assert.equal((await answerWith(signed, headers)).status, 200)
  assert.equal(await codeOf(await answerWith(signed, headers)), 'CHALLENGE_NOT_FOUND')
  assert.equal(await codeOf(await enter(device, { count: 5 })), 'AUTHENTICATION_FAILED', 'a copied device')
  assert.equal((await enter(device, { count: 6 })).status, 200)
  // What was asked for adding one signs nobody in, and the other way round.
  const adding = await begin(ben)
  const crossed = device.sign({ ...adding.options, rpId: 'localhost' }, { origin: url, count: 7 })
  assert.equal(await codeOf(await answerWith(crossed, adding.headers)), 'CHALLENGE_NOT_FOUND')
  const asked = await ask(ben)
  const made = makeAuthenticator().create({ ...asked.options, rp: { id: 'localhost' } }, { origin: url })
  const both = { ...ben, cookie: `${ben.cookie}; ${asked.headers['cookie']}` }
  assert.equal((await keep(made, both)).status, 400)
})

test('a device that does not ask who holds it is no second factor, neither added nor used', async () => {
  const cem = await member(server, url, 'cem@example.com', 'viewer')
  const asked = await begin(cem)
  const device = makeAuthenticator()
  const kept = await keep(device.create(asked.options, { origin: url, verified: false }), asked.headers)
  assert.equal(await codeOf(kept), 'PASSKEY_UNVERIFIED')
  assert.deepEqual((await factors(cem)).passkeys, [])
  await add(cem, device)
  const entered = await enter(device, { verified: false })
  assert.deepEqual([entered.status, await codeOf(entered)], [401, 'PASSKEY_UNVERIFIED'])
  assert.equal((await enter(device)).status, 200)
  assert.equal(((await ask()).options as { userVerification?: string }).userVerification, 'required')
})

test('a passkey signs in where it was added: not for another name, another port of it, or an address', async () => {
  const dan = await member(server, url, 'dan@example.com', 'viewer')
  const local = await add(dan)
  const domain = {
    ...at(DOMAIN),
    cookie: await cookieOf(await signIn(url, 'dan@example.com', PASSWORD, at(DOMAIN))),
  }
  const published = await add(domain)
  assert.deepEqual(
    (await factors(dan)).passkeys.map(one => one.host),
    ['localhost', 'inn.example.com'],
  )
  assert.equal((await enter(published, {}, at(DOMAIN))).status, 200)
  assert.equal((await enter(published)).status, 401)
  assert.equal((await enter(local, {}, at(DOMAIN))).status, 401)
  // An app on another port of the host is another page, which a browser would let ask for it.
  const entered = await enter(published, {}, at(`${DOMAIN}:8443`))
  assert.deepEqual([entered.status, await codeOf(entered)], [401, 'PASSKEY_ELSEWHERE'])
  // A tunnel ends at any port.
  const port = await enter(local, {}, at('http://localhost:50000'))
  assert.equal(port.status, 200)
  const insecure = await post(url + ASK, {}, at('http://inn.example.com'))
  assert.equal(await codeOf(insecure), 'passkey.address')
  const plain = url.replace('localhost', '127.0.0.1')
  const asked = await post(
    `${plain}/api/me/passkeys/options`,
    { password: PASSWORD },
    { ...dan, origin: plain },
  )
  assert.deepEqual([asked.status, await codeOf(asked)], [422, 'passkey.address'])
})

test('a page of another site has nothing signed, whatever it relays', async () => {
  const eva = await member(server, url, 'eva@example.com', 'viewer')
  const device = await add(eva)
  const { options, headers } = await ask()
  const phished = device.sign(options, { origin: 'http://evil.example' })
  for (const origin of ['http://evil.example', 'null', `${url}.evil.example`])
    assert.equal(await codeOf(await answerWith(phished, { ...headers, origin })), 'access.origin', origin)
  assert.equal(await codeOf(await answerWith(phished, headers)), 'AUTHENTICATION_FAILED', 'as if from here')
  const asked = await begin(eva)
  const foreign = makeAuthenticator().create(asked.options, { origin: 'http://evil.example' })
  assert.equal((await keep(foreign, { ...asked.headers, origin: 'http://evil.example' })).status, 403)
  assert.equal((await keep(foreign, asked.headers)).status, 400)
})

test('nobody adds a passkey for somebody else, in the place of one, or without the password', async () => {
  const fay = await member(server, url, 'fay@example.com', 'admin')
  const gus = await member(server, url, 'gus@example.com', 'viewer')
  const id = Buffer.alloc(32, 7)
  const hers = await add(fay, makeAuthenticator(id))
  const asked = await begin(gus)
  const same = makeAuthenticator(id).create(asked.options, { origin: url })
  assert.equal(await codeOf(await keep(same, asked.headers)), 'PASSKEY_KNOWN')
  assert.equal((await enter(hers)).status, 200)
  const theirs = (await factors(fay)).passkeys[0]!.id
  const taken = await post(`${url}/api/me/passkeys/${theirs}/remove`, { password: PASSWORD }, gus)
  assert.equal(await codeOf(taken), 'passkey.unknown')
  // What was asked for by one session is not for the session of somebody else.
  const mixed = await begin(gus)
  const challenge = mixed.headers['cookie']!.split('; ').find(one => one.includes('.passkey='))!
  const stolen = await keep(makeAuthenticator().create(mixed.options, { origin: url }), {
    ...fay,
    cookie: `${fay.cookie}; ${challenge}`,
  })
  assert.equal(stolen.status, 401)
  const answers: number[] = []
  for (let n = 0; n < 8; n++)
    answers.push((await post(`${url}/api/me/passkeys/options`, { password: `wrong ${n}` }, gus)).status)
  assert.deepEqual([answers[0], answers.at(-1)], [400, 429])
})

test('where a second factor is asked for a passkey is one, and the password beside it is not', async () => {
  const headers = await member(server, url, 'hal@example.com', 'none', '--app', 'shop=admin')
  assert.equal((await server.inn(['people', 'require', 'admins'])).code, 0)
  assert.equal(await statusAs(headers), 403)
  const device = await add(headers)
  assert.equal(await statusAs(headers), 200, 'whoever adds one is in')

  const password = { cookie: await cookieOf(await signIn(url, 'hal@example.com')), origin: url }
  assert.equal(await statusAs(password), 403)
  assert.equal(await statusAs(password, '/api/me'), 200)
  const me = (await (await fetch(`${url}/api/me`, { headers: password })).json()) as { factor: string }
  assert.equal(me.factor, 'passkey')
  // Whoever knows the password alone gets around it by none of these.
  for (const [path, body] of [
    ['/api/me/passkeys/options', { password: PASSWORD }],
    ['/api/me/second-factor', { password: PASSWORD }],
    [`/api/me/passkeys/${(await factors(password)).passkeys[0]!.id}/remove`, { password: PASSWORD }],
  ] as const)
    assert.equal(await codeOf(await post(url + path, body, password)), 'access.passkey', path)

  const { options, headers: asked } = await ask(password)
  const cookie = `${password.cookie}; ${asked['cookie']}`
  const shown = await answerWith(device.sign(options, { origin: url, count: 1 }), { ...password, cookie })
  assert.equal(shown.status, 200)
  const inside = { cookie: cookies(shown), origin: url }
  assert.deepEqual([await statusAs(inside), await statusAs(password)], [200, 401], 'one session, not two')
  assert.equal((await remove(inside)).status, 200)
  assert.equal(await statusAs(inside), 403, 'and is asked again')
  assert.equal((await server.inn(['people', 'require', 'nobody'])).code, 0)
})

test('a reset and a removal take passkeys with them, and a list says who has any', async () => {
  const ida = await member(server, url, 'ida@example.com', 'viewer')
  const device = await add(ida)
  const held = async () =>
    (
      (await server.inn(['people', 'list'])).json as unknown as Array<{ email: string; secondFactor: object }>
    ).find(one => one.email === 'ida@example.com')?.secondFactor
  assert.deepEqual(await held(), { codes: false, passkeys: 1 })
  const { json } = await server.inn(['people', 'reset', 'ida@example.com'])
  assert.deepEqual((json['person'] as { secondFactor: object }).secondFactor, { codes: false, passkeys: 0 })
  assert.deepEqual([await statusAs(ida), (await enter(device)).status], [401, 401])

  const joe = await member(server, url, 'joe@example.com', 'viewer')
  const theirs = await add(joe)
  assert.equal((await server.inn(['people', 'remove', 'joe@example.com'])).code, 0)
  assert.equal((await enter(theirs)).status, 401)
  await member(server, url, 'joe@example.com', 'viewer')
  assert.equal((await enter(theirs)).status, 401, 'the same address is another person')
  const db = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  const gone = 'select credential from NOTES where credential not in (select credentialID from passkey)'
  for (const notes of ['passkey_use', 'passkey_session'])
    assert.deepEqual(
      db.prepare(gone.replace('NOTES', notes)).all(),
      [],
      `${notes} knows nothing that is gone`,
    )
  db.close()
})

test('strangers who ask and never answer are bounded, and what they asked is not kept', async () => {
  const from = { 'x-forwarded-for': '203.0.113.9' }
  const answers: Response[] = []
  for (let n = 0; n < 40; n++) answers.push(await post(url + ASK, {}, from))
  const slowed = answers.filter(answer => answer.status === 429)
  assert.ok(slowed.length >= 5, `${slowed.length} of 40 were slowed`)
  assert.equal(await codeOf(slowed[0]!), 'access.slow')
  const another = { 'x-forwarded-for': '203.0.113.10' }
  assert.equal((await post(url + ASK, {}, another)).status, 200)

  const db = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  const open = () => db.prepare('select expiresAt from verification').all()
  assert.ok(open().length > 30)
  for (const { expiresAt } of open()) assert.match(String(expiresAt), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  db.prepare('update verification set expiresAt = ?').run(new Date(Date.now() - 1_000).toISOString())
  assert.equal((await post(url + ASK, {}, another)).status, 200)
  assert.equal(open().length, 1, 'what nobody answered in time is gone')
  db.close()
})
