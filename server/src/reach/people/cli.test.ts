import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { type Refused, typed } from '../../bin/program.fixture.ts'
import { failsWith, inTurn, says } from '../../cli/stand-in.fixture.ts'
import {
  Done,
  Person,
  PersonAnswer,
  PersonRemoved,
  PersonRequest,
  Policy,
  SessionView,
  Token,
  TokenAnswer,
  TokenRevoked,
} from './wire.ts'

const AT = '2026-11-20T10:00:00.000Z'
const anna: Person = {
  id: 'p1',
  email: 'anna@example.com',
  name: 'Anna',
  role: 'admin',
  apps: {},
  secondFactor: { codes: false, passkeys: 0 },
  createdAt: AT,
}
const token = (id: string, name: string, more: Partial<Token> = {}): Token => ({
  id,
  name,
  role: 'operator',
  apps: null,
  verbs: null,
  start: 'inn_ab',
  madeBy: 'anna',
  createdAt: AT,
  expiresAt: AT,
  usedAt: null,
  ...more,
})
const LINK = 'http://127.0.0.1:7777/welcome?token=x'
const added = (ended: string[]) => ({
  'POST /api/people': says(PersonAnswer, { person: anna, link: LINK, ended }),
})

test('a person is asked for with the role that was named, or none; the answer shows the link', async t => {
  const plain = await typed(t, ['people', 'add', 'anna@example.com'], added([]))
  assert.deepEqual(PersonRequest.parse(plain.calls[0]![1]), { email: 'anna@example.com' })
  assert.match(plain.out, /^anna@example\.com is admin\./)
  assert.ok(plain.out.includes(`\n${LINK}\n`))
  assert.match(plain.out, /ssh -L 7777:127\.0\.0\.1:7777 this-server/)
  assert.doesNotMatch(plain.out, /ended/)
  const args = ['people', 'add', 'anna@example.com', '--role', 'viewer', '--name', 'Anna B']
  const named = await typed(t, args, added(['ci', 'github']))
  assert.deepEqual(named.calls[0]![1], { email: 'anna@example.com', role: 'viewer', name: 'Anna B' })
  assert.match(named.out, /2 tokens ended with it: ci and github;/)
})

test('roles in apps are asked for by name, and a token for what it is for', async t => {
  const args = [
    'people',
    'add',
    'anna@example.com',
    '--role',
    'none',
    '--app',
    'shop=operator',
    '--app',
    'b=viewer',
  ]
  const { calls } = await typed(t, args, added([]))
  const wanted = { email: 'anna@example.com', role: null, apps: { shop: 'operator', b: 'viewer' } }
  assert.deepEqual(calls[0]![1], wanted)
  const narrow = token('1', 'ci', { apps: ['shop'], verbs: ['deploy'] })
  const answer = { 'POST /api/tokens': says(TokenAnswer, { token: narrow, secret: 'inn_secret' }) }
  const made = await typed(t, ['token', 'add', 'ci', '--app', 'shop@production', '--may', 'deploy'], answer)
  const { expiresInDays: _, ...asked } = made.calls[0]![1] as Record<string, unknown>
  assert.deepEqual(asked, { name: 'ci', role: 'operator', apps: ['shop'], verbs: ['deploy'] })
  assert.match(made.out, /^token ci \(operator of shop, for deploy alone\), until/)
  const unclear = typed(t, ['people', 'add', 'a@b.cd', '--app', 'shop'], {})
  await assert.rejects(unclear, failsWith('usage.app-role'))
})

test('somebody is let in again by a link, and it is said who must have a second factor', async t => {
  const reset = {
    'POST /api/people/anna%40example.com/reset': says(PersonAnswer, { person: anna, link: LINK, ended: [] }),
  }
  const { out } = await typed(t, ['people', 'reset', 'anna@example.com'], reset)
  assert.match(
    out,
    /^anna@example\.com has no second factor and no passkey any more, and is signed out everywhere\./,
  )
  assert.ok(out.includes(LINK))
  const policy = { 'POST /api/people/policy': says(Policy, { secondFactor: 'all' }) }
  const asked = await typed(t, ['people', 'require', 'all'], policy)
  assert.deepEqual([asked.calls[0]![1], asked.out.slice(0, 9)], [{ secondFactor: 'all' }, 'everybody'])
  await assert.rejects(typed(t, ['people', 'require', 'me'], {}), failsWith('usage.whom'))
})

test('sessions are shown, and those of one person ended', async t => {
  const session = (id: string, email: string): SessionView => ({
    ...{ id, email, device: 'Phone', address: null, since: AT, usedAt: AT, expiresAt: AT, own: false },
  })
  const list = says(z.array(SessionView), [session('1', 'anna@example.com'), session('2', 'otto@x.de')])
  const answers = { 'GET /api/sessions': list, 'DELETE /api/sessions/1': says(Done, { done: true }) }
  assert.match((await typed(t, ['people', 'sessions'], answers)).out, /otto@x\.de +this server/)
  const { out, calls } = await typed(t, ['people', 'sessions', 'Anna@example.com', '--end'], answers)
  assert.equal(out, '1 session of Anna@example.com ended\n')
  assert.equal(calls.length, 2)
  await assert.rejects(typed(t, ['people', 'sessions', '--end'], answers), failsWith('usage.sessions'))
})

test('a role that does not exist is refused before anybody is asked', async t => {
  for (const args of [
    ['people', 'add', 'a@b.cd', '--role', 'root'],
    ['token', 'add', 'ci', '--days', '0'],
    ['token', 'add', 'ci', '--may', 'fly'],
    ['people', 'add'],
  ])
    await assert.rejects(typed(t, args), (error: Refused) => error.code === 2, args.join(' '))
})

test('people are listed with role and day; nobody is said in words, and as an empty document', async t => {
  const list = (...people: Person[]) => ({ 'GET /api/people': says(z.array(Person), people) })
  const { out } = await typed(t, ['people', 'list'], list(anna))
  assert.equal(
    out,
    'EMAIL             ROLE   2ND FACTOR  NAME  SINCE\nanna@example.com  admin  no          Anna  2026-11-20\n',
  )
  assert.match((await typed(t, ['people', 'list'], list())).out, /^nobody yet/)
  assert.deepEqual((await typed(t, ['people', 'list', '--json'], list())).json(), [])
})

test('a removed person is named in the path as one word, and the tokens that ended are told', async t => {
  const removed = { 'DELETE /api/people/a%2Fb%40c.de': says(PersonRemoved, { removed: true, ended: ['ci'] }) }
  const { out } = await typed(t, ['people', 'remove', 'a/b@c.de'], removed)
  assert.match(out, /^a\/b@c\.de is removed and signed out everywhere\n1 token ended with it: ci;/)
})

test('a token is an operator for a year unless something else is said; its secret is a line of its own', async t => {
  const answer = { 'POST /api/tokens': says(TokenAnswer, { token: token('1', 'ci'), secret: 'inn_secret' }) }
  const { calls, out } = await typed(t, ['token', 'add', 'ci'], answer)
  assert.deepEqual(calls[0]![1], { name: 'ci', role: 'operator', expiresInDays: 365 })
  assert.equal(out, 'token ci (operator), until 2026-11-20; shown only now:\ninn_secret\n')
  const other = await typed(t, ['token', 'add', 'ci', '--role', 'viewer', '--days', '7', '--json'], answer)
  assert.deepEqual(other.calls[0]![1], { name: 'ci', role: 'viewer', expiresInDays: 7 })
  assert.equal(TokenAnswer.parse(other.json()).secret, 'inn_secret')
})

test('tokens are listed without what is not known', async t => {
  const all = [token('1', 'ci'), token('2', 'old', { start: null, expiresAt: null })]
  const { out } = await typed(t, ['token', 'list'], { 'GET /api/tokens': says(z.array(Token), all) })
  assert.deepEqual(out.split('\n').slice(1, 3), [
    'ci    operator  inn_ab…      anna     2026-11-20  2026-11-20',
    'old   operator  …            anna     2026-11-20  -',
  ])
})

test('every token of a name is removed, also one that was made meanwhile; the others stay', async t => {
  const list = (...all: Token[]) => says(z.array(Token), all)
  const other = token('9', 'other')
  const answers = {
    'GET /api/tokens': inTurn(list(other, token('1', 'ci')), list(token('2', 'ci'), other), list(other)),
    'DELETE /api/tokens/1': says(TokenRevoked, { revoked: true, ended: ['child'] }),
    'DELETE /api/tokens/2': says(TokenRevoked, { revoked: true, ended: [] }),
  }
  const { json, calls } = await typed(t, ['token', 'remove', 'ci', '--json'], answers)
  assert.deepEqual(json(), { removed: ['1', '2'], ended: ['child'] })
  assert.deepEqual(
    calls.flatMap(([call]) => (call.startsWith('DELETE') ? [call] : [])),
    ['DELETE /api/tokens/1', 'DELETE /api/tokens/2'],
  )
  const none = { 'GET /api/tokens': list(other) }
  await assert.rejects(typed(t, ['token', 'remove', 'ci'], none), failsWith('token.unknown'))
})
