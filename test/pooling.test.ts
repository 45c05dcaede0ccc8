import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Fixture, makeApp, yaml } from './kit/app.ts'
import { withPg } from './kit/bundle.ts'
import { secretsOf, sql } from './kit/data.ts'
import { good } from './kit/proof.ts'
import { makeServer, readPid, type Server } from './kit/server.ts'
import { ask, visit } from './kit/visitors.ts'

const NAME = 't-pool'
const POOLER = `${NAME}.pgbouncer`
let server: Server
let app: Fixture

const config = (size: number) =>
  yaml(NAME, `database: { postgres: true, connections: 8, pooling: { size: ${size}, clients: 100 } }\n`)

/** Each request asks the database by a connection of the pool. */
const source = (version: string) => `
const http = require('node:http')
const { Pool } = require('pg')
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DATABASE_POOL_SIZE) })
pool.on('error', () => {})
const server = http.createServer((request, response) => {
  if (request.url === '/health') return response.end('{"ready":true}')
  if (request.url === '/env') return response.end(JSON.stringify(process.env))
  pool.query('select pg_sleep(0.002), $1::text as version', [${JSON.stringify(version)}]).then(
    ({ rows }) => response.end(JSON.stringify({ version: rows[0].version })),
    error => { response.statusCode = 500; response.end(error.message) },
  )
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections() })
`

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': config(4), 'server.js': await withPg(source('v1')) })
  good(await app.deploy())
})

after(() => server?.remove())

const url = async () => (await server.app(NAME, one => one.state === 'serving')).url!
const env = async () => JSON.parse((await ask(`${await url()}/env`)).body) as Record<string, string>
const poolerPid = async () => (await readPid(join(server.home, `sv/${POOLER}/supervise/pid`)))!

async function connected(address: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function asked(address: string, text: string): Promise<Record<string, unknown>[]> {
  const client = await connected(address)
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** What the pooler's console says to Innkeeper. */
async function console_(text: string): Promise<Record<string, unknown>[]> {
  const at = new URL((await env())['DATABASE_URL']!)
  const password = (await secretsOf(server, NAME))['innkeeper:pgbouncer']
  return asked(`postgresql://innkeeper:${password}@127.0.0.1:${at.port}/pgbouncer`, text)
}

test('the app gets the pooler as DATABASE_URL, and the database past it', async () => {
  const { DATABASE_URL: pooled, DIRECT_DATABASE_URL: direct, DATABASE_POOL_SIZE: size } = await env()
  assert.notEqual(new URL(pooled!).port, new URL(direct!).port)
  assert.equal(size, '4', 'a process may use the whole pool')
  const where = 'select inet_server_port() as port, current_user as role'
  assert.deepEqual(await asked(pooled!, where), await asked(direct!, where))
  const status = await server.status()
  assert.equal(status.parts.find(part => part.name === POOLER)?.state, 'up')
})

test('only the role of the app signs in, with its password', async () => {
  const pooled = new URL((await env())['DATABASE_URL']!)
  const secrets = await secretsOf(server, NAME)
  const refused = async (user: string, password: string, database = pooled.pathname.slice(1)) => {
    const address = `postgresql://${user}:${password}@127.0.0.1:${pooled.port}/${database}`
    await assert.rejects(asked(address, 'select 1'), pg.DatabaseError, `${user} at ${database}`)
  }
  await refused(pooled.username, 'wrong')
  await refused('t_pool_owner', secrets['innkeeper:postgres-owner']!)
  await refused('postgres', 'wrong')
  await refused(pooled.username, pooled.password, 'postgres')
})

test('no query fails while a deploy switches and changes the sizes; the pooler goes on as it is', async () => {
  const pid = await poolerPid()
  const visitors = visit(await url())
  await app.write({ 'innkeeper.yaml': config(6), 'server.js': await withPg(source('v2')) })
  good(await app.deploy())
  await sleep(500)
  const seen = await visitors.leave()
  assert.deepEqual([seen.failed, seen.failures], [0, []])
  assert.deepEqual([...seen.versions], ['v1', 'v2'])
  assert.ok(seen.requests > 100, `${seen.requests} requests`)
  assert.equal(await poolerPid(), pid)
  const size = (await console_('SHOW CONFIG')).find(row => row['key'] === 'default_pool_size')
  assert.equal(size?.['value'], '6')
})

test('many clients share few connections, and none fails', async () => {
  const pooled = (await env())['DATABASE_URL']!
  const clients = await Promise.all(Array.from({ length: 80 }, () => connected(pooled)))
  const all = await Promise.allSettled(
    clients.map(async client => {
      for (let n = 0; n < 10; n++) await client.query('select pg_sleep(0.005)')
    }),
  )
  assert.equal(all.filter(one => one.status === 'rejected').length, 0)
  const [row] = await sql(
    server,
    'postgres',
    "select count(*) from pg_stat_activity where usename = 't_pool_app'",
    NAME,
  )
  assert.ok(Number(row) <= 6, `${row} connections of the role`)
  await Promise.all(clients.map(client => client.end()))
})

test('a pooler that is killed is back within seconds, and the app goes on', async () => {
  const [pid, at] = [await poolerPid(), await url()]
  process.kill(pid, 'SIGKILL')
  const begun = Date.now()
  while ((await ask(`${at}/`)).status !== 200 || (await poolerPid()) === pid) {
    assert.ok(Date.now() - begun < 5_000, 'it was not back within five seconds')
    await sleep(50)
  }
})

test('PostgreSQL is killed: the app is served again by the pooler, which goes on as it is', async () => {
  const [pid, at] = [await poolerPid(), await url()]
  process.kill((await readPid(join(server.home, `sv/${NAME}.postgres/supervise/pid`)))!, 'SIGKILL')
  const begun = Date.now()
  // The first answers may still come by what was open.
  await sleep(200)
  while ((await ask(`${at}/`)).status !== 200) {
    assert.ok(Date.now() - begun < 15_000, 'it was not served again within 15 seconds')
    await sleep(50)
  }
  assert.equal(await poolerPid(), pid)
})

test('a pool that is exhausted is told of, and shown with who waits', async () => {
  const pooled = (await env())['DATABASE_URL']!
  const holders = await Promise.all(Array.from({ length: 6 }, () => connected(pooled)))
  await Promise.all(holders.map(client => client.query('begin')))
  const late = await connected(pooled)
  const answer = late.query('select 1 as one')
  const told = async () => (await server.status()).alarms.find(alarm => alarm.code === 'pooling.exhausted')
  const begun = Date.now()
  while ((await told()) === undefined) {
    assert.ok(Date.now() - begun < 40_000, 'nothing was told')
    await sleep(500)
  }
  assert.match((await told())!.what, /exhausted: 1 client for .* of its 6 connections/)
  const { json } = await server.inn(['db', 'pooling', NAME])
  assert.deepEqual([json['size'], json['used'], json['waiting'], json['poolSize']], [6, 6, 1, 6])
  await holders[0]!.query('rollback')
  assert.equal((await answer).rows[0].one, 1)
  await Promise.all([...holders, late].map(client => client.end()))
})
