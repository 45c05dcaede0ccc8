import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { clusterWithAccess, databaseOf, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import { endSession, sessionsOf } from './activity.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { querying } from './connect.ts'
import { provide } from './provide.ts'

let cluster: TestCluster
let access: Access
const clients: pg.Client[] = []

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
  const app = databaseOf(cluster, 'busy')
  await provide(access, app, 10)
  await run(app, 'owner', 'create table room (n int); insert into room values (1)')
})
after(async () => {
  await Promise.allSettled(clients.map(client => client.end()))
  await cluster?.remove()
})

const seen = () => access.using('postgres', client => sessionsOf(querying(client)))
const end = (of: { pid: number; began: number }, how: 'cancel' | 'terminate') =>
  access.using('postgres', client => endSession(querying(client), of, how))

async function connected(called: string): Promise<pg.Client> {
  const { host, port, name, owner } = databaseOf(cluster, 'busy')
  const login = { user: owner.user, password: owner.password.reveal() }
  const client = new pg.Client({ host, port, database: name, ...login, application_name: called })
  client.on('error', () => {})
  clients.push(client)
  await client.connect()
  return client
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const limit = Date.now() + 10_000; Date.now() < limit; await sleep(50)) {
    const found = await look()
    if (found !== undefined) return found
  }
  return assert.fail('not in 10 s')
}

test('who holds a lock and who waits for it is seen, and ended on demand, and nobody else', async () => {
  const [holder, waiter] = [await connected('holder'), await connected('waiter')]
  await holder.query('begin; update room set n = 2')
  const waiting = waiter.query('update room set n = 3').then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
  const all = await until(async () => {
    const sessions = await seen()
    return sessions.some(({ blockedBy }) => blockedBy.length > 0) ? sessions : undefined
  })
  const [first, second] = ['holder', 'waiter'].map(name => all.find(({ program }) => program === name)!)
  assert.deepEqual([second!.blockedBy, first!.blockedBy], [[first!.pid], []])
  assert.deepEqual([first!.state, second!.state, second!.database], ['idle in transaction', 'active', 'busy'])
  assert.match(second!.waits!, /^Lock: /)
  assert.match(first!.text, /update room set n = 2/)
  assert.ok(first!.transactionMs! >= second!.transactionMs! && second!.sinceMs >= 0)
  // The statement of the one that waits.
  assert.equal(await end(second!, 'cancel'), true)
  assert.equal(await waiting, '57014')
  assert.equal((await waiter.query('select 1 as one')).rows[0].one, 1)
  // A number that another session has by now.
  assert.equal(await end({ pid: first!.pid, began: first!.began - 5_000 }, 'terminate'), false)
  assert.equal(await end(first!, 'terminate'), true)
  await until(async () => ((await seen()).some(({ program }) => program === 'holder') ? undefined : true))
  assert.equal((await waiter.query('select n from room')).rows[0].n, 1)
  assert.equal(await end(first!, 'terminate'), false)
})

test('what Innkeeper itself asks is not told, unless somebody waits for it, and never ended', async () => {
  const waiter = await connected('waits for us')
  await access.using('busy', async client => {
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const { pid } = rows[0] as { pid: number }
    assert.equal(
      (await seen()).some(one => one.pid === pid),
      false,
    )
    await client.query('begin; lock table public.room')
    const waiting = waiter.query('select n from room')
    const own = await until(async () => (await seen()).find(one => one.pid === pid))
    assert.equal(await end(own, 'terminate'), false)
    await client.query('rollback')
    await waiting
  })
})
