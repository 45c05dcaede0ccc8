import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { count, eq } from 'drizzle-orm'
import { users } from '../src/accounts/schema.ts'
import { RefreshTokens } from '../src/auth/refresh-tokens.service.ts'
import { refreshTokens, sessions } from '../src/auth/schema.ts'
import { openDatabase, type PooledDatabase } from '../src/database/database.ts'
import { caller, env, logIn, migrated, peopled, type Started, startApp } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let db: PooledDatabase
let app: Started
let tokens: RefreshTokens

before(async () => {
  cluster = startCluster()
  const url = await migrated(cluster)
  await peopled(url)
  db = openDatabase(url, 8)
  tokens = new RefreshTokens(db)
  app = await startApp(env(url))
})
after(async () => {
  await app.stop()
  await db.$client.end()
  cluster.stop()
})

const refresh = (refreshToken: string) => caller(app.url)('POST', '/auth/refresh', { refreshToken })
const kept = async () => (await db.select({ count: count() }).from(refreshTokens))[0]!.count

test('a log-in gives both tokens, and says no more than that something is wrong', async () => {
  const { status, body } = await logIn(app.url, 'admin')
  deepEqual([status, Object.keys(body), body.expiresIn], [200, ['accessToken', 'refreshToken', 'expiresIn'], 900])
  equal((await caller(app.url, body.accessToken)('GET', '/auth/me')).body.role, 'admin')
  const wrong = { email: 'Admin@parsley.example ', password: 'guessed' }
  const nobody = { ...wrong, email: 'nobody@parsley.example' }
  const answers = await Promise.all([wrong, nobody].map(input => caller(app.url)('POST', '/auth/login', input)))
  deepEqual(
    answers.map(answer => [answer.status, answer.body.message]),
    Array(2).fill([401, 'E-mail address or password is wrong']),
  )
})

test('a refresh token is good for one use; the next one is in the answer', async () => {
  const { body } = await logIn(app.url, 'caterer')
  const second = await refresh(body.refreshToken)
  equal(second.status, 200)
  const third = await refresh(second.body.refreshToken)
  equal(third.status, 200)
  equal((await caller(app.url, third.body.accessToken)('GET', '/auth/me')).status, 200)
})

test('one that was rotated, used again, ends the whole family at once, and no other', async () => {
  const other = (await logIn(app.url, 'brightwater')).body.refreshToken
  const stolen = (await logIn(app.url, 'brightwater')).body.refreshToken
  const newest = (await refresh(stolen)).body.refreshToken
  const before = await kept()
  equal((await refresh(stolen)).status, 401)
  equal(before - (await kept()), 2)
  equal((await refresh(newest)).status, 401)
  equal((await refresh(other)).status, 200)
})

test('of eight who come with one token at the same moment one is first, and then all are out', async () => {
  const [user] = await db.select().from(users).where(eq(users.email, 'cobalt@parsley.example'))
  const token = await tokens.open(user!.id)
  const rotated = await Promise.all(Array.from({ length: 8 }, () => tokens.rotate(token)))
  const [first, ...more] = rotated.filter(answer => answer !== undefined)
  deepEqual([first?.userId, more], [user!.id, []])
  equal(await tokens.rotate(first!.refreshToken), undefined)
  equal(await db.$count(sessions, eq(sessions.userId, user!.id)), 0)
})

test('logging out deletes the family', async () => {
  const before = await kept()
  const { body } = await logIn(app.url, 'admin')
  const { refreshToken } = (await refresh(body.refreshToken)).body
  equal((await caller(app.url)('POST', '/auth/logout', { refreshToken })).status, 204)
  equal(await kept(), before)
  equal((await refresh(refreshToken)).status, 401)
})

test('a month unused, it has expired and is deleted', async () => {
  const [user] = await db.select().from(users).where(eq(users.email, 'cobalt@parsley.example'))
  const start = new Date('2026-01-01T00:00Z')
  const token = await tokens.open(user!.id, start)
  const rotated = await tokens.rotate(token, new Date('2026-01-30T00:00Z'))
  equal(rotated?.userId, user!.id)
  const tooLate = new Date('2026-03-02T00:00Z')
  equal(await tokens.rotate(rotated!.refreshToken, tooLate), undefined)
  equal(await tokens.deleteExpired(tooLate), 1)
})
