import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clusterWithAccess, databaseOf, refused, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { querying } from './connect.ts'
import { provide } from './provide.ts'
import { prepareStatements, slowest } from './statements.ts'

let cluster: TestCluster
let access: Access

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
})
after(() => cluster?.remove())

const counted = (most = 20) => access.using('postgres', client => slowest(querying(client), most))

test('what costs most of the time comes first, without the values that stood in it', async () => {
  assert.deepEqual(await counted(), { since: null, totalMs: 0, statements: [] })
  const app = databaseOf(cluster, 'slow')
  await provide(access, app, 2)
  await run(app, 'owner', 'create table guest (id serial primary key, email text)')
  for (const name of ['anna', 'ben', 'cleo'])
    await run(app, 'app', `insert into guest (email) values ('${name}@example.com')`)
  await run(app, 'app', `select pg_sleep(0.3), email from guest where email = 'anna@example.com'`)
  const found = (await counted())!
  const texts = found.statements.map(one => one.text)
  assert.equal(texts[0], 'select pg_sleep($1), email from guest where email = $2')
  const [first] = found.statements
  assert.ok(first!.calls === 1 && first!.rows === 1 && first!.totalMs >= 300 && first!.longestMs >= 300)
  assert.ok(first!.totalMs / found.totalMs > 0.5)
  const insert = found.statements.find(one => one.text.startsWith('insert into guest'))
  assert.deepEqual([insert!.text, insert!.calls], ['insert into guest (email) values ($1)', 3])
  assert.ok(Math.abs(Date.now() - found.since!) < 600_000)
  assert.equal((await counted(1))!.statements.length, 1)
})

test('a statement that several roles ask is one, with what it cost together', async () => {
  const app = databaseOf(cluster, 'slow')
  for (const role of ['owner', 'app'] as const) await run(app, role, 'select 7 as asked_by_both')
  const both = (await counted())!.statements.filter(one => one.text.includes('asked_by_both'))
  assert.deepEqual(
    both.map(({ calls, rows }) => [calls, rows]),
    [[2, 2]],
  )
})

test('a password in a statement is not kept, nor what the server is asked by Innkeeper', async () => {
  const app = databaseOf(cluster, 'slow')
  await run(app, 'owner', `do $$ begin perform 'in-a-block'; end $$`)
  await access.using('slow', client => client.query(`create role other password 'new-secret'`))
  const kept = JSON.stringify(
    await access.using('postgres', client => client.query('select query from innkeeper.pg_stat_statements')),
  )
  assert.doesNotMatch(kept, /new-secret|in-a-block|anna@example/)
  await access.using('slow', client => client.query('select count(*) as by_the_superuser from public.guest'))
  assert.doesNotMatch(JSON.stringify(await counted()), /heartbeat|by_the_superuser/)
})

test('an app sees nothing of it', async () => {
  await refused(databaseOf(cluster, 'slow'), 'app', 'select * from innkeeper.pg_stat_statements', 'postgres')
})

test('a server that was started without it says so; prepared again and by several at once, nothing fails', async () => {
  await Promise.all([1, 2, 3].map(() => access.using('postgres', prepareStatements)))
  await access.using('postgres', client => client.query('drop extension pg_stat_statements'))
  assert.equal(await counted(), null)
  await Promise.all([1, 2, 3].map(() => access.using('postgres', prepareStatements)))
  assert.notEqual(await counted(), null)
})
