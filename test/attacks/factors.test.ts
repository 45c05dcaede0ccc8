import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { choose, codeOf, cookieOf, member, PASSWORD, post, signIn } from '../kit/people.ts'
import { makeServer, type Server } from '../kit/server.ts'

type Headers = Record<string, string>
interface Set {
  uri: string
  codes: string[]
}
let server: Server
let url: string

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url
  await member(server, url, 'root@example.com', 'admin')
})

after(() => server?.remove())

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0]!)
    .filter(cookie => !cookie.endsWith('='))
    .join('; ')

const statusAs = async (headers: Headers, path = '/api/status'): Promise<number> => {
  const answer = await fetch(url + path, { headers })
  await answer.body?.cancel()
  return answer.status
}

/** Sets a second factor up, as the dashboard does. Confirming it gives the browser another session. */
async function setUp(headers: Headers): Promise<Set & { headers: Headers }> {
  const begun = await post(`${url}/api/me/second-factor`, { password: PASSWORD }, headers)
  assert.equal(begun.status, 200)
  const set = (await begun.json()) as Set
  const confirmed = await post(
    `${url}/api/me/second-factor/confirm`,
    { code: await codeOf(set.uri) },
    headers,
  )
  assert.equal(confirmed.status, 200, await confirmed.clone().text())
  return { ...set, headers: { cookie: cookiesOf(confirmed), origin: url } }
}

const withCode = (headers: Headers, code: string, how = 'verify-totp') =>
  post(`${url}/api/auth/two-factor/${how}`, { code }, headers)

/** What a right password gives where a second factor is asked for. */
async function halfIn(email: string, given: Headers = {}): Promise<Headers> {
  const answer = await signIn(url, email, PASSWORD, given)
  assert.deepEqual(await answer.clone().json(), { signedIn: false, secondFactor: true })
  return { cookie: cookiesOf(answer) }
}

test('a password alone is not enough where a second factor was set up; a code is, and a spare one once', async () => {
  const anna = await member(server, url, 'anna@example.com', 'admin')
  const set = await setUp(anna)
  assert.equal(await statusAs(anna), 401, 'the session of before has ended')
  assert.equal(await statusAs(set.headers), 200)

  const half = await halfIn('anna@example.com')
  assert.equal(await statusAs(half), 401)
  assert.equal((await withCode(half, '000000')).status, 401)
  const inside = await withCode(half, await codeOf(set.uri))
  assert.equal(inside.status, 200)
  assert.doesNotMatch(await inside.clone().text(), /token|session/, 'a page gets no session to read')
  assert.equal(await statusAs({ cookie: cookiesOf(inside) }), 200)
  assert.equal((await withCode(half, await codeOf(set.uri))).status, 401, 'a sign-in is finished once')

  const spare = set.codes[0]!
  assert.equal((await withCode(await halfIn('anna@example.com'), spare, 'verify-backup-code')).status, 200)
  assert.equal((await withCode(await halfIn('anna@example.com'), spare, 'verify-backup-code')).status, 401)
  // A link for another password is no way around it.
  const { json } = await server.inn(['people', 'add', 'anna@example.com'])
  assert.equal((await choose(url, new URL(String(json['link'])).searchParams.get('token')!)).status, 200)
  await halfIn('anna@example.com')

  const kept = ['keeper.db', 'keeper.db-wal'].map(name => readFile(join(server.home, name)).catch(() => ''))
  const bytes = (await Promise.all(kept)).map(String).join()
  const secret = new URL(set.uri).searchParams.get('secret')!
  for (const plain of [secret, ...set.codes]) assert.ok(!bytes.includes(plain), 'it is kept encrypted')
})

test('codes are tried a few times and no more, also by who begins anew; root lets the person in again', async () => {
  const eva = await member(server, url, 'eva@example.com', 'viewer')
  const set = await setUp(eva)
  const answers: number[] = []
  for (let begun = 0; begun < 4; begun++) {
    const half = await halfIn('eva@example.com')
    for (let n = 0; n < 6; n++) answers.push((await withCode(half, '000000')).status)
  }
  assert.ok(answers.filter(status => status === 401).length <= 14, answers.join())
  const half = await halfIn('eva@example.com')
  assert.equal((await withCode(half, await codeOf(set.uri))).status, 429, 'the right one waits too')

  const root = await member(server, url, 'other@example.com', 'admin')
  const remote = await post(`${url}/api/people/eva@example.com/reset`, {}, root)
  assert.equal(remote.status, 403, 'an admin with a session is not enough')
  const { json, code } = await server.inn(['people', 'reset', 'eva@example.com'])
  assert.equal(code, 0)
  assert.equal(await statusAs(set.headers), 401)
  const token = new URL(String(json['link'])).searchParams.get('token')!
  assert.equal((await choose(url, token)).status, 200)
  assert.equal(await statusAs({ cookie: await cookieOf(await signIn(url, 'eva@example.com')) }), 200)
})

test('whoever must have a second factor does nothing before, in any open page', async () => {
  const max = await member(server, url, 'max@example.com', 'none', '--app', 'shop=admin')
  const vera = await member(server, url, 'vera@example.com', 'viewer')
  assert.equal((await server.inn(['people', 'require', 'admins'])).code, 0)
  const { failure } = (await (await fetch(`${url}/api/status`, { headers: max })).json()) as {
    failure: { code: string }
  }
  assert.equal(failure.code, 'access.second-factor')
  assert.equal(await statusAs(max, '/api/tokens'), 403)
  assert.equal(await statusAs(max, '/api/me'), 200)
  assert.equal(await statusAs(vera), 200, 'who is admin of nothing is not asked')
  const { headers } = await setUp(max)
  assert.equal(await statusAs(headers), 200)
  const off = await post(`${url}/api/me/second-factor/off`, { password: 'not the password' }, headers)
  assert.equal(off.status, 400)
  const done = await post(`${url}/api/me/second-factor/off`, { password: PASSWORD }, headers)
  assert.equal(done.status, 200)
  assert.equal(await statusAs({ cookie: cookiesOf(done) }), 403, 'and is asked again')
  assert.equal((await server.inn(['people', 'require', 'nobody'])).code, 0)
})

test('a password is not guessed where a page asks for it once more', async () => {
  const headers = await member(server, url, 'ida@example.com', 'viewer')
  const answers: number[] = []
  for (let n = 0; n < 8; n++)
    answers.push((await post(`${url}/api/me/second-factor`, { password: `wrong ${n}` }, headers)).status)
  assert.deepEqual([answers[0], answers.at(-1)], [400, 429])
})

test('a session that somebody else planted is not the one that a sign-in gives', async () => {
  const planted = 'innkeeper.session_token=planted.planted'
  const answer = await signIn(url, 'root@example.com', PASSWORD, { cookie: planted })
  const given = await cookieOf(answer)
  assert.ok(!given.includes('planted'))
  assert.equal(await statusAs({ cookie: planted }), 401)
  // Nor is a session of before taken on: whoever read it has nothing of the new one.
  const again = await cookieOf(await signIn(url, 'root@example.com', PASSWORD, { cookie: given }))
  assert.notEqual(again, given)
})

test('sessions are seen and ended, own ones by everybody and all by an admin; nobody reads their secret', async () => {
  const from = { 'user-agent': 'Phone', 'x-forwarded-for': '198.51.100.7' }
  const vera = { cookie: await cookieOf(await signIn(url, 'vera@example.com', PASSWORD, from)), origin: url }
  const root = { cookie: await cookieOf(await signIn(url, 'root@example.com')), origin: url }
  type Seen = Array<{ id: string; email: string; device: string; address: string; own: boolean }>
  const seen = async (headers: Headers) =>
    (await (await fetch(`${url}/api/sessions`, { headers })).json()) as Seen
  const [phone] = await seen(vera)
  assert.deepEqual(
    [phone!.email, phone!.device, phone!.address, phone!.own],
    ['vera@example.com', 'Phone', '198.51.100.7', true],
  )
  assert.ok((await seen(vera)).every(one => one.email === 'vera@example.com'))
  const all = await seen(root)
  assert.ok(all.some(one => one.id === phone!.id && !one.own))
  assert.ok(!JSON.stringify(all).includes(vera.cookie.split('=')[1]!.split('.')[0]!))
  const theirs = all.find(one => one.email === 'root@example.com')!
  const end = (id: string, headers: Headers) =>
    fetch(`${url}/api/sessions/${id}`, { method: 'DELETE', headers })
  assert.equal((await end(theirs.id, vera)).status, 404)
  assert.equal((await end(phone!.id, root)).status, 200)
  assert.equal(await statusAs(vera), 401)
})
