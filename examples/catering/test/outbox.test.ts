import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { isNotNull } from 'drizzle-orm'
import { openDatabase, type PooledDatabase } from '../src/database/database.ts'
import { Courier } from '../src/outbox/courier.service.ts'
import { OutboxService } from '../src/outbox/outbox.service.ts'
import { outbox } from '../src/outbox/schema.ts'
import { deliverTo } from '../src/outbox/webhook.ts'
import { env, migrated, startApp, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let url: string
let pools: PooledDatabase[]
let db: PooledDatabase
let webhook: Server
let address: string
let received: { key: string; kind: string }[] = []
let answer = 200

before(async () => {
  cluster = startCluster()
  url = await migrated(cluster)
  pools = [openDatabase(url, 2), openDatabase(url, 2)]
  db = pools[0]!
  webhook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ key: String(request.headers['idempotency-key']), kind: JSON.parse(body).kind })
    response.writeHead(answer).end()
  }).listen(0, '127.0.0.1')
  await once(webhook, 'listening')
  address = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook`
})
after(async () => {
  for (const pool of pools) await pool.$client.end()
  webhook.closeAllConnections()
  webhook.close()
  cluster.stop()
})
beforeEach(async () => {
  await db.delete(outbox)
  received = []
  answer = 200
})

const put = (count: number) =>
  db.insert(outbox).values(Array.from({ length: count }, (_, i) => ({ kind: `kind ${i}`, payload: { i } })))
const rows = () => db.select().from(outbox)
const comeDue = () => db.update(outbox).set({ nextAttemptAt: new Date(0) })

test('two couriers at once deliver each message exactly once, and both have work', async () => {
  await put(120)
  const tried = await Promise.all(pools.map(pool => new Courier(pool, deliverTo(address)).drain()))
  deepEqual([tried[0]! + tried[1]!, received.length, new Set(received.map(({ key }) => key)).size], [120, 120, 120])
  equal(Math.min(...tried) > 0, true, tried.join(' and '))
  equal(await db.$count(outbox, isNotNull(outbox.sentAt)), 120)
})

test('one that is being delivered holds nobody up', async () => {
  await put(10)
  let others: number | string = 'none'
  const slow = new Courier(pools[0]!, async message => {
    const rest = new Courier(pools[1]!, deliverTo(address)).drain()
    others = await Promise.race([rest, setTimeout(3000, 'held up')])
    await deliverTo(address)(message)
  })
  deepEqual([await slow.drain(), others, received.length], [1, 9, 10])
})

test('two processes empty it every five seconds', async () => {
  const given = { ...env(url), WEBHOOK_URL: address }
  const apps = await Promise.all([startApp(given), startApp(given)])
  try {
    await put(40)
    await until(async () => (await db.$count(outbox, isNotNull(outbox.sentAt))) === 40)
    deepEqual([received.length, new Set(received.map(({ key }) => key)).size], [40, 40])
  } finally {
    await Promise.all(apps.map(app => app.stop()))
  }
})

test('what the webhook refuses waits, longer each time, and is sent when it takes it', async () => {
  await put(1)
  const courier = new Courier(db, deliverTo(address))
  answer = 503
  const waits: number[] = []
  for (let i = 0; i < 3; i++) {
    const began = Date.now()
    equal(await courier.drain(), 1)
    waits.push(Math.round((+(await rows())[0]!.nextAttemptAt - began) / 1000))
    equal(await courier.drain(), 0)
    await comeDue()
  }
  deepEqual(waits, [5, 10, 20])
  equal((await rows())[0]!.error, 'the webhook answered 503')
  answer = 204
  await courier.drain()
  const [message] = await rows()
  deepEqual([message!.attempts, message!.error, message!.sentAt !== null, received.length], [4, null, true, 4])
})

test('after the last attempt it is given up, listed, and tried again when somebody says so', async () => {
  await put(1)
  await db.update(outbox).set({ attempts: 15 })
  const courier = new Courier(db, deliverTo('http://nowhere.invalid/'))
  const service = new OutboxService(db)
  await courier.drain()
  await comeDue()
  equal(await courier.drain(), 0)
  const { waiting, sent, failed, messages } = await service.overview()
  deepEqual([waiting, sent, failed], [0, 0, 1])
  match(messages[0]!.error!, /^fetch failed: .+/)
  equal((await service.retry(messages[0]!.id)).attempts, 0)
  await new Courier(db, deliverTo(address)).drain()
  equal(received.length, 1)
})

test('a courier whose connection is lost in the middle leaves its message to the others', async () => {
  await put(1)
  const doomed = openDatabase(url, 1)
  const courier = new Courier(doomed, async () => {
    await db.execute(`select pg_terminate_backend(pid) from pg_stat_activity
      where state = 'idle in transaction' and datname = current_database()`)
  })
  await courier.drain().then(
    () => Promise.reject(new Error('it was to fail')),
    () => undefined,
  )
  await doomed.$client.end()
  equal(await new Courier(db, deliverTo(address)).drain(), 1)
  deepEqual([received.length, (await rows())[0]!.attempts], [1, 1])
})

test('without a webhook they count as sent', async () => {
  await put(3)
  equal(await new Courier(db, deliverTo('')).drain(), 3)
  deepEqual([received.length, await db.$count(outbox, isNotNull(outbox.sentAt))], [0, 3])
})
