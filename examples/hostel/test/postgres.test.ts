import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { WebSocket } from 'ws'
import { seedLarge } from '../src/seed/large.ts'
import { json, logIn, program, startApp, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

describe('the app on PostgreSQL', () => {
  let cluster: Cluster
  let DATABASE_URL: string
  before(async () => {
    cluster = startCluster()
    DATABASE_URL = await cluster.database()
    await program('migrate', { env: { DATABASE_URL } })
    await program('seed', { env: { DATABASE_URL } })
  })
  after(() => cluster.stop())

  const count = async (table: string) => {
    const client = new pg.Client({ connectionString: DATABASE_URL })
    await client.connect()
    const { rows } = await client.query(`select count(*)::int as n from ${table}`)
    await client.end()
    return rows[0].n as number
  }

  test('migrating and seeding again changes nothing', async () => {
    const before = [await count('guests'), await count('payments'), await count('users')]
    await program('migrate', { env: { DATABASE_URL } })
    await program('seed', { env: { DATABASE_URL } })
    assert.deepEqual([await count('guests'), await count('payments'), await count('users')], before)
  })
  test('two instances hear of each other and share the log-in', async () => {
    const env = { DATABASE_URL, SESSION_SECRET: 'x'.repeat(32) }
    const [one, two] = await Promise.all([startApp(env), startApp(env)])
    const desk = await logIn(one.url)
    assert.equal((await json(`${two.url}/api/guests`, { headers: desk })).status, 200)
    const heard: { occupied: number }[] = []
    const socket = new WebSocket(`${two.url.replace('http', 'ws')}/ws`)
    socket.on('message', (data) => heard.push(JSON.parse(String(data))))
    await until(async () => heard.length, (n) => n > 0)
    const body = { name: 'Bo Lind', phone: '+46 555 11', ref: 'side-by-side' }
    assert.equal((await json(`${one.url}/api/self-check-in/kiosk-demo`, { body })).status, 201)
    await until(async () => heard.at(-1)!.occupied - heard[0]!.occupied, (more) => more === 1)
    assert.equal((await json(`${two.url}/api/self-check-in/kiosk-demo`, { body })).status, 200)
    assert.deepEqual(await Promise.all([one.stop(), two.stop()]), [0, 0])
  })
  test('a large past is added whole, and once', async () => {
    const size = { guests: 50, checkIns: 3000 }
    assert.deepEqual([await seedLarge(DATABASE_URL, size), await seedLarge(DATABASE_URL, size)], [true, false])
    assert.equal(await count("check_ins where ref like 'history-%'"), 3000)
  })
  test('without its database the app is alive but not ready, and hybrid carries on', async () => {
    const nowhere = 'postgres://nobody@127.0.0.1:1/none'
    const plain = await startApp({ DATABASE_URL: nowhere })
    assert.equal((await json(`${plain.url}/health/live`)).status, 200)
    assert.equal((await json(`${plain.url}/health/ready`)).status, 503)
    assert.equal((await json(`${plain.url}/health`)).body.checks.storage.status, 'down')
    const hybrid = await startApp({ DATABASE_URL: nowhere, STORAGE: 'hybrid' })
    assert.equal((await json(`${hybrid.url}/health/ready`)).status, 200)
    assert.deepEqual((await json(`${hybrid.url}/health`)).body.checks.storage.status, 'fallback')
    assert.ok(hybrid.lines.some((line) => line.level === 'warn' && /running from memory/.test(line.msg)))
    assert.equal((await json(`${hybrid.url}/api/occupancy`)).body.total, 22)
    assert.deepEqual(await Promise.all([plain.stop(), hybrid.stop()]), [0, 0])
  })
})
