import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../../server/src/drivers/host/proc.ts'
import { CHANNEL, framesOf } from '../../server/src/kernel/frames.ts'
import { makeApp, serverJs, yaml } from '../kit/app.ts'
import { choose, cookieOf, invite, makeToken, member, PASSWORD, post, signIn } from '../kit/people.ts'
import { makeServer, type Server } from '../kit/server.ts'

let server: Server
let url: string

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url
  await member(server, url, 'root@example.com', 'admin')
})

after(() => server?.remove())

type Headers = Record<string, string>

const statusAs = async (headers: Headers, path = '/api/status'): Promise<number> => {
  const answer = await fetch(url + path, { headers })
  await answer.body?.cancel()
  return answer.status
}

/** Reads events until the keeper closes the stream. */
async function listen(headers: Headers): Promise<{ ended: Promise<number> }> {
  const began = performance.now()
  const answer = await fetch(`${url}/api/events`, { headers })
  assert.equal(answer.status, 200)
  const reader = answer.body!.getReader()
  await reader.read()
  const ended = (async () => {
    while (!(await reader.read().catch(() => ({ done: true }))).done);
    return performance.now() - began
  })()
  return { ended }
}

/** Ends within the time, or not at all. */
const within = (ms: number, { ended }: { ended: Promise<number> }): Promise<boolean> =>
  Promise.race([ended.then(() => true), sleep(ms, false)])

/** The keeper's own store, as no route lets anybody write it. */
function store<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

test('a key whose role only its own metadata names is nobody', async () => {
  const { id, headers } = await makeToken(server, 'forged', 'viewer')
  store(db => db.prepare(`update apikey set metadata = '{"role":"admin"}' where id = ?`).run(id))
  assert.equal(await statusAs(headers), 200)
  assert.equal(await statusAs(headers, '/api/people'), 403)
  store(db => db.prepare('delete from token where key = ?').run(id))
  assert.equal(await statusAs(headers), 401)
})

test('a removed person is gone at once: sessions, links, streams, and the tokens they made, to the last', async () => {
  const eve = await member(server, url, 'eve@example.com', 'admin')
  const link = await invite(server, 'eve@example.com')
  const made = async (name: string, headers: Headers) => {
    const answer = await post(`${url}/api/tokens`, { name, role: 'admin' }, headers)
    return { authorization: `Bearer ${((await answer.json()) as { secret: string }).secret}` }
  }
  const first = await made('eve-1', eve)
  const second = await made('eve-2', first)
  const others = await makeToken(server, 'of-the-server', 'viewer')
  const streams = await Promise.all([listen(eve), listen(first), listen(second)])
  const kept = await listen(others.headers)

  const removed = await server.inn(['people', 'remove', 'eve@example.com'])
  assert.deepEqual(removed.json['ended'], ['eve-1', 'eve-2'])
  for (const headers of [eve, first, second]) assert.equal(await statusAs(headers), 401)
  for (const stream of streams) assert.ok(await within(1_000, stream), 'a stream goes on')
  assert.equal(await within(100, kept), false, 'a stream of somebody else was closed')
  assert.equal((await choose(url, link)).status, 400)
  assert.equal((await signIn(url, 'eve@example.com')).status, 401)
  const audit = await server.client.get<Array<{ action: string; detail: string }>>('/api/audit')
  const told = audit.filter(row => row.detail.endsWith('made by eve@example.com, who was removed'))
  assert.deepEqual(told.map(row => row.detail.split(' ')[0]).sort(), ['eve-1', 'eve-2'])
})

test('the same address, added again, is another person: nothing of before comes back', async () => {
  const first = await member(server, url, 'twice@example.com', 'viewer')
  await server.inn(['people', 'remove', 'twice@example.com'])
  await invite(server, 'twice@example.com', '--role', 'admin')
  assert.equal(await statusAs(first), 401)
  assert.equal((await signIn(url, 'twice@example.com')).status, 401)
})

test('a role counts at once, and an admin who is none any more leaves no admin token behind', async () => {
  const dan = await member(server, url, 'dan@example.com', 'admin')
  const answer = await post(`${url}/api/tokens`, { name: 'dan-ci', role: 'admin' }, dan)
  const token = { authorization: `Bearer ${((await answer.json()) as { secret: string }).secret}` }
  const stream = await listen(token)
  const again = await server.inn(['people', 'add', 'dan@example.com'])
  assert.equal((again.json['person'] as { role: string }).role, 'admin', 'a new link leaves the role')
  assert.equal(await statusAs(dan, '/api/people'), 200)
  const changed = await server.inn(['people', 'add', 'dan@example.com', '--role', 'viewer'])
  assert.deepEqual(changed.json['ended'], ['dan-ci'])
  assert.equal(await statusAs(dan), 401, 'whoever may something else signs in anew')
  const anew = { cookie: await cookieOf(await signIn(url, 'dan@example.com')) }
  assert.deepEqual([await statusAs(anew, '/api/people'), await statusAs(anew)], [403, 200])
  assert.equal(await statusAs(token), 401)
  assert.ok(await within(1_000, stream))
})

test('a token that is removed takes with it what was made with it', async () => {
  const parent = await makeToken(server, 'parent', 'admin')
  const answer = await post(`${url}/api/tokens`, { name: 'child', role: 'admin' }, parent.headers)
  const child = { authorization: `Bearer ${((await answer.json()) as { secret: string }).secret}` }
  const stream = await listen(child)
  const removed = await server.inn(['token', 'remove', 'parent'])
  assert.deepEqual(removed.json['ended'], ['child'])
  assert.equal(await statusAs(child), 401)
  assert.ok(await within(1_000, stream))
})

test('a stream ends when its reader signs out, and soon after the session has ended by itself', async () => {
  const person = await member(server, url, 'lea@example.com', 'viewer')
  const signedOut = await listen(person)
  assert.equal((await post(`${url}/api/auth/sign-out`, {}, person)).status, 200)
  assert.ok(await within(1_000, signedOut))
  const again = { cookie: await cookieOf(await signIn(url, 'lea@example.com')) }
  const expired = await listen(again)
  store(db => db.prepare(`update session set expiresAt = '2020-01-01T00:00:00.000Z'`).run())
  assert.ok(await within(17_000, expired))
})

test('whoever is removed while the body of their request is under way has asked for nothing', async () => {
  const mia = await member(server, url, 'mia@example.com', 'admin')
  const body = JSON.stringify({ name: 'slow', role: 'admin' })
  const request = httpRequest(`${url}/api/tokens`, {
    method: 'POST',
    headers: { ...mia, 'content-type': 'application/json', 'content-length': body.length },
  })
  request.write(body.slice(0, 5))
  await sleep(300)
  await server.inn(['people', 'remove', 'mia@example.com'])
  request.end(body.slice(5))
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  assert.equal(answer.statusCode, 401)
  const { json } = await server.inn(['token', 'list'])
  assert.ok(!(json as unknown as Array<{ name: string }>).some(token => token.name === 'slow'))
})

test('what a removed token has under way ends', async () => {
  const app = await makeApp(server, 't-gone', {
    'innkeeper.yaml': yaml('t-gone'),
    'server.js': serverJs('v1'),
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
  const { headers } = await makeToken(server, 'busy', 'operator')
  const sent = { ...headers, 'content-type': 'application/json' }
  const running = await fetch(`${url}/api/apps/t-gone/commands`, {
    method: 'POST',
    headers: sent,
    body: JSON.stringify({ argv: ['node', '-e', 'console.log(process.pid); setInterval(() => {}, 1000)'] }),
  })
  let said = ''
  // It is read on: a client that hangs up would end the command by itself.
  void (async () => {
    for await (const { channel, bytes } of framesOf(buffersOf(running.body!)))
      if (channel === CHANNEL.output) said += bytes.toString()
  })().catch(() => {})
  for (const end = Date.now() + 20_000; !said.endsWith('\n') && Date.now() < end; ) await sleep(50)
  const pid = Number(said)
  assert.ok(pid > 1, said)
  assert.equal((await server.inn(['token', 'remove', 'busy'])).code, 0)
  for (const end = Date.now() + 10_000; (await processInfo(pid)) !== null; await sleep(100))
    assert.ok(Date.now() < end, 'the command goes on')
})

async function* buffersOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk)
}

test('of several links only the newest works, and none after a password was chosen', async () => {
  const [first, second, third] = [
    await invite(server, 'kim@example.com'),
    await invite(server, 'kim@example.com'),
    await invite(server, 'kim@example.com'),
  ]
  for (const old of [first, second]) assert.equal((await choose(url, old)).status, 400)
  assert.equal((await choose(url, third, 'short')).status, 400)
  assert.equal((await choose(url, third)).status, 200)
  for (const old of [first, second, third])
    assert.equal((await choose(url, old, 'another dozen')).status, 400)
  await cookieOf(await signIn(url, 'kim@example.com'))
  const kept = store(db => db.prepare('select identifier, value from verification').all())
  assert.ok(!JSON.stringify(kept).includes(third), 'a link is not kept in the clear')
})

test('links that are asked for at the same time: one works, and each answer has its own', async () => {
  const tokens = await Promise.all(Array.from({ length: 5 }, () => invite(server, 'jo@example.com')))
  assert.equal(new Set(tokens).size, 5)
  const answers = await Promise.all(tokens.map(token => choose(url, token)))
  assert.equal(answers.filter(answer => answer.status === 200).length, 1)
})

test('guessing is slowed, whatever a header says, and holds up nobody else', async () => {
  await member(server, url, 'vic@example.com', 'viewer')
  await member(server, url, 'oli@example.com', 'viewer')
  const guess = (i: number) => ({
    'x-forwarded-for': `203.0.113.${i}, 198.51.100.${i}`,
    'x-real-ip': `10.0.0.${i}`,
  })
  const answers: Response[] = []
  for (let i = 1; i <= 40; i++)
    answers.push(await signIn(url, 'vic@example.com', `wrong password ${i}`, guess(i)))
  const slowed = answers.filter(answer => answer.status === 429)
  assert.ok(slowed.length >= 20, `${slowed.length} of 40 were slowed`)
  assert.ok(Number(slowed[0]!.headers.get('retry-after')) >= 1)
  assert.equal(((await slowed[0]!.json()) as { failure: { code: string } }).failure.code, 'access.slow')
  assert.equal(
    (await signIn(url, 'vic@example.com', PASSWORD, guess(99))).status,
    429,
    'the right one waits too',
  )
  assert.equal((await signIn(url, 'oli@example.com', PASSWORD, guess(3))).status, 200)
  assert.equal((await signIn(url, 'oli@example.com')).status, 200)
  await sleep(5_500)
  assert.equal((await signIn(url, 'vic@example.com', PASSWORD, guess(99))).status, 200, 'and is let in then')
})

test('the cookie is for no script and no other site, and behind TLS for no plain connection', async () => {
  const over = async (headers: Headers) =>
    (await signIn(url, 'root@example.com', PASSWORD, headers)).headers.getSetCookie()
  for (const cookie of await over({})) {
    assert.match(cookie, /^innkeeper\.session_token=/, 'by this name the edge keeps it from apps')
    assert.match(cookie, /; HttpOnly/)
    assert.match(cookie, /; SameSite=Lax/)
    assert.doesNotMatch(cookie, /Secure/)
  }
  const site = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'inn.example.com',
    origin: 'https://inn.example.com',
  }
  const secure = await over(site)
  assert.ok(secure.length > 0)
  for (const cookie of secure) assert.match(cookie, /; HttpOnly.*; Secure/)
  const answer = await signIn(url, 'root@example.com')
  assert.doesNotMatch(await answer.text(), /token|session/, 'a page gets no session to read')
})
