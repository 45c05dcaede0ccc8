import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { as, caller, env, migrated, peopled, type Started, startApp, until } from './app.ts'
import { type OwnCluster, throwAwayCluster } from './postgres.ts'

let cluster: OwnCluster
let app: Started

before(async () => {
  // Always one of its own, because it is stopped in the middle.
  cluster = throwAwayCluster()
  const url = await migrated(cluster)
  await peopled(url)
  app = await startApp(env(url))
})
after(async () => {
  await app.stop()
  cluster.stop()
})

const health = () => caller(app.url)('GET', '/health')

test('health is 200 with and without a database, and says how it is; the rest answers 503 until it is back', async () => {
  const admin = await as(app.url, 'admin')
  const { status, body } = await health()
  deepEqual([status, body.status, body.checks.database.status, body.version], [200, 'ok', 'ok', '1.0.0'])
  deepEqual([typeof body.uptime, typeof body.checks.database.responseTime], ['number', 'number'])

  cluster.halt()
  const down = await health()
  deepEqual([down.status, down.body.status, down.body.checks.database.status], [200, 'unavailable', 'down'])
  equal((await admin('GET', '/companies')).status, 503)

  cluster.resume()
  await until(async () => (await health()).body.status === 'ok')
  equal((await admin('GET', '/companies')).body.length, 2)
})

test('it starts without a database, and says so', async () => {
  const lost = await startApp(env('postgresql://nobody:x@127.0.0.1:9/none'))
  try {
    const { status, body } = await caller(lost.url)('GET', '/health')
    deepEqual([status, body.status, body.checks.database.status], [200, 'unavailable', 'down'])
  } finally {
    await lost.stop()
  }
})
