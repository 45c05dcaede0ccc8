import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { type EnvSources, ownerEnv, resolveEnv } from './environment.ts'

const config = (more: string) =>
  readConfig(
    `name: shop\nservices: { api: { start: node a.js, env: { OWN: x } }, job: { start: node j.js, worker: true } }\n${more}`,
  ).config!
const sources = (more: Partial<EnvSources> = {}): EnvSources => ({
  secrets: {},
  databaseUrl: 'postgresql://app@db/shop',
  directUrl: null,
  redisUrl: null,
  checkinUrl: token => `http://keeper/${token}`,
  socket: '/home/shop/keeper.sock',
  generate: n => 'g'.repeat(n),
  ...more,
})

test('a secret is made once and found again; the app listens on loopback', () => {
  const wanted = config('env: { JWT_SECRET: { generate: 32 }, PLAIN: "1" }')
  const first = resolveEnv(wanted, { api: 1, job: 1 }, sources())
  assert.equal(first.env['api']!['JWT_SECRET'], 'g'.repeat(32))
  const again = resolveEnv(
    wanted,
    { api: 1, job: 1 },
    sources({ secrets: first.secrets, generate: () => 'other' }),
  )
  assert.equal(again.env['api']!['JWT_SECRET'], 'g'.repeat(32))
  assert.deepEqual(
    [again.env['api']!['HOST'], again.env['api']!['OWN'], again.env['job']!['OWN']],
    ['127.0.0.1', 'x', undefined],
  )
})

test('every service gets the address of each job, which stays the same', () => {
  const wanted = config('checkins: { night-mail: { every: 1h } }')
  const first = resolveEnv(wanted, {}, sources())
  const address = `http://keeper/${'g'.repeat(40)}`
  assert.deepEqual(
    ['api', 'job'].map(name => first.env[name]!['CHECKIN_NIGHT_MAIL_URL']),
    [address, address],
  )
  const again = resolveEnv(wanted, {}, sources({ secrets: first.secrets, generate: () => 'other' }))
  assert.equal(again.env['api']!['CHECKIN_NIGHT_MAIL_URL'], address)
})

test('the connection budget is divided over all processes: 50 over 3 is 16 each', () => {
  const wanted = config('database: { postgres: true, connections: 50 }')
  assert.equal(resolveEnv(wanted, { api: 2, job: 1 }, sources()).env['api']!['DATABASE_POOL_SIZE'], '16')
})

test('values that nobody gave are named together', () => {
  const wanted = config('env: { STRIPE_KEY: { from: STRIPE_KEY }, MAIL: { from: SENDGRID } }')
  assert.throws(
    () => resolveEnv(wanted, {}, sources()),
    (error: { code: string; facts: { names: string[] } }) =>
      error.code === 'env.missing' && error.facts.names.length === 2,
  )
  assert.equal(
    resolveEnv(wanted, {}, sources({ secrets: { STRIPE_KEY: 's', SENDGRID: 'm' } })).env['api']!['MAIL'],
    'm',
  )
})

test("a server of the app's own takes the place of ours", () => {
  const wanted = config('database: { url: { from: DATABASE_URL } }')
  const env = resolveEnv(
    wanted,
    { api: 1 },
    sources({ databaseUrl: null, secrets: { DATABASE_URL: 'postgres://there' } }),
  ).env
  assert.equal(env['api']!['DATABASE_URL'], 'postgres://there')
})

test('an app that wants its connection in parts gets them, and its release step those of the owner', () => {
  const wanted = config(
    'database: { postgres: true }\nenv: { DB_HOST: { database: host }, DB_USER: { database: user }, DB_PASS: { database: password }, DB: { database: name } }',
  )
  const { env } = resolveEnv(
    wanted,
    { api: 1 },
    sources({ databaseUrl: 'postgresql://shop_app:p%40ss@127.0.0.1:5433/shop' }),
  )
  const parts = (e: Readonly<Record<string, string>>) =>
    ['DB_HOST', 'DB_USER', 'DB_PASS', 'DB'].map(name => e[name])
  assert.deepEqual(parts(env['api']!), ['127.0.0.1', 'shop_app', 'p@ss', 'shop'])
  const owner = ownerEnv(wanted, 'api', {
    env: env['api']!,
    url: 'postgresql://shop_owner:own@127.0.0.1:5433/shop',
  })
  assert.deepEqual(parts(owner), ['127.0.0.1', 'shop_owner', 'own', 'shop'])
})

test('the earlier value of a secret goes to whoever has the secret, under a name of its own', () => {
  const shop = readConfig(`
name: shop
services:
  api: { start: node a.js, env: { KEY: { from: STRIPE } } }
  job: { start: node b.js, worker: true, env: { OLD: mine } }
env: {}
`).config!
  const secrets = { STRIPE: 'new', OLD: 'before' }
  const of = (previous: Record<string, string>) =>
    resolveEnv(shop, {}, sources({ secrets, previous })).env as Record<string, Record<string, string>>
  assert.deepEqual(
    [of({ OLD: 'STRIPE' })['api']!['OLD'], of({ OLD: 'STRIPE' })['job']!['OLD']],
    ['before', 'mine'],
  )
  assert.equal(of({})['api']!['OLD'], undefined)
  assert.equal(of({ OLD: 'OTHER' })['api']!['OLD'], undefined)
})

test('behind a pooler there is an address past it, also under other names, and the release step knows no other', () => {
  const wanted = config(
    'database: { postgres: true, pooling: true }\nenv: { DIRECT_URL: { database: direct }, URL: { database: url } }',
  )
  const direct = 'postgresql://app@db:5432/shop'
  const { env } = resolveEnv(
    wanted,
    {},
    sources({ databaseUrl: 'postgresql://app@db:6432/shop', directUrl: direct }),
  )
  const api = env['api']!
  assert.deepEqual(
    [api['DATABASE_URL'], api['URL'], api['DIRECT_DATABASE_URL'], api['DIRECT_URL']],
    ['postgresql://app@db:6432/shop', 'postgresql://app@db:6432/shop', direct, direct],
  )
  const owner = ownerEnv(wanted, 'api', { env: api, url: 'postgresql://owner@db:5432/shop' })
  assert.deepEqual(
    new Set(['DATABASE_URL', 'URL', 'DIRECT_DATABASE_URL', 'DIRECT_URL'].map(name => owner[name])),
    new Set(['postgresql://owner@db:5432/shop']),
  )
  const plain = resolveEnv(
    config('database: { postgres: true }\nenv: { D: { database: direct } }'),
    {},
    sources(),
  )
  assert.equal(plain.env['api']!['D'], 'postgresql://app@db/shop', 'without a pooler it is the only one')
  assert.equal(plain.env['api']!['DIRECT_DATABASE_URL'], undefined)
})
