import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import { clusterWithAccess, connected, databaseOf, refused, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { connectPinned } from './connect.ts'
import { limit, provide } from './provide.ts'

let cluster: TestCluster
let access: Access
const appOf = (name: string) => databaseOf(cluster, name)

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
})
after(() => cluster?.remove())

test('the role of an app reads and writes rows, and makes, changes and takes away nothing', async () => {
  const app = appOf('rights')
  await provide(access, app, 2)
  await run(
    app,
    'owner',
    `create table guest (id serial primary key, name text); create schema billing; create table billing.bill (n int);
     create function twice(n int) returns int language sql as 'select n * 2';
     create view names as select name from guest; insert into guest (name) values ('Anna')`,
  )
  await run(app, 'app', `insert into guest (name) values ('Ben'); update guest set name = 'B' where id = 2`)
  assert.deepEqual(await run(app, 'app', 'select name from names order by 1'), ['Anna', 'B'])
  assert.deepEqual(await run(app, 'app', 'insert into billing.bill values (twice(4)) returning n'), [8])
  await run(app, 'app', 'delete from billing.bill; create temporary table mine (x int)')
  for (const text of [
    'create table public.mine (x int)',
    'create schema mine',
    'drop table guest',
    'truncate guest',
    'alter table guest add column x int',
    'create extension pgcrypto',
    'create role mine',
    'create database mine',
    'alter role rights_app connection limit 100',
    'alter database rights set search_path = x',
    'set role rights_owner',
    `copy guest to program 'true'`,
    `select pg_read_file('/etc/passwd')`,
  ])
    await refused(app, 'app', text)
  assert.deepEqual(await run(app, 'owner', 'select name from guest order by 1'), ['Anna', 'B'])
})

test('what the owner makes later is the app’s too; what an administrator put there is not', async () => {
  const app = appOf('rights')
  await run(app, 'owner', 'create table later (n serial)')
  assert.deepEqual(await run(app, 'app', 'insert into later default values returning n'), [1])
  await access.using(app.name, async client => {
    await client.query('create table public.audit as select 1 as secret')
  })
  await provide(access, app, 2)
  await refused(app, 'app', 'select * from public.audit')
})

test('a right that the owner takes away stays away, also of what it makes later, when the app is provided again', async () => {
  const app = appOf('rights')
  await run(
    app,
    'owner',
    `create table ledger (n int); revoke update, delete on ledger from rights_app;
     create schema closed; revoke usage on schema closed from rights_app; create table closed.book (n int)`,
  )
  await provide(access, app, 3)
  await run(app, 'app', 'insert into ledger values (1)')
  for (const text of ['update ledger set n = 2', 'delete from ledger', 'select * from closed.book'])
    await refused(app, 'app', text)
})

test('nobody of one app gets into the database of another, nor where every cluster has one', async () => {
  const [app, other] = [appOf('rights'), appOf('other')]
  await provide(access, other, 2)
  for (const as of ['owner', 'app'] as const)
    for (const database of ['other', 'postgres', 'template1']) await refused(app, as, 'select 1', database)
})

test('provided again it has the password of now, and what it held', async () => {
  const app = appOf('rights')
  const changed = { ...app, app: { ...app.app, password: new Secret("new's \\ secret") } }
  await provide(access, changed, 2)
  assert.deepEqual(await run(changed, 'app', 'select count(*)::int from guest'), [2])
  await assert.rejects(run(app, 'app', 'select 1'), { code: '28P01' })
})

test('an app holds twice its connections and no more; its owner has a few besides', async () => {
  const app = appOf('many')
  await provide(access, app, 1)
  await connected(app, 'app', () =>
    connected(app, 'app', async () => {
      await assert.rejects(run(app, 'app', 'select 1'), { code: '53300' })
      assert.deepEqual(await run(app, 'owner', 'select 1'), [1])
    }),
  )
  await provide(access, app, 2)
  const limits = await cluster.sql(
    `select rolconnlimit from pg_roles where rolname like 'many%' order by rolname`,
  )
  assert.deepEqual(limits, ['4', '9'])
})

test('more connections than the cluster has is refused before anything is made', async () => {
  const app = appOf('greedy')
  await assert.rejects(provide(access, app, 39), { code: 'database.connections' })
  assert.deepEqual(await cluster.sql(`select 1 from pg_roles where rolname like 'greedy%'`), [])
  await provide(access, app, 38)
})

test('a database that was made, and whose rights were not given yet, is finished the next time', async () => {
  const app = appOf('torn')
  await provide(access, app, 2)
  await cluster.sql('revoke connect on database torn from torn_app')
  await run(app, 'owner', 'alter default privileges revoke select on tables from torn_app')
  await refused(app, 'app', 'select 1')
  await provide(access, app, 2)
  await run(app, 'owner', 'create table guest (n int)')
  assert.deepEqual(await run(app, 'app', 'select count(*)::int from guest'), [0])
})

test('limits are for the owner’s own sessions, and stop neither the app nor the keeper', async () => {
  const app = appOf('many')
  await limit(access, app, { lockMs: 1500.4, statementMs: 60 })
  const shown = `select current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')`
  assert.deepEqual(await run(app, 'owner', shown), ['1500ms 60ms'])
  assert.deepEqual(await run(app, 'app', shown), ['0 0'])
  await assert.rejects(run(app, 'owner', 'select pg_sleep(5)'), { code: '57014' })
  const slow = await access.owner(app, {}, query => query('select pg_sleep(0.2) is null as x'))
  assert.equal(slow.length, 1)
})

test('a statement that takes longer than the keeper waits is ended from outside, whatever it does', async () => {
  const app = appOf('many')
  const hold = `do $$ begin loop begin perform pg_sleep(20); exception when others then end; end loop; end $$`
  const started = performance.now()
  await assert.rejects(
    access.owner(app, { longestMs: 300 }, query => query(hold)),
    { code: 'database.unreachable' },
  )
  assert.ok(performance.now() - started < 10_000)
})

test('no setting of a database or of its owner changes what the keeper sees and does there', async () => {
  const app = appOf('hostile')
  await provide(access, app, 2)
  await run(
    app,
    'owner',
    `create schema evil; create view evil.pg_roles as select 'hostile_app'::name as rolname, 1 as oid;
     create table guest (id int); create function evil.lower(text) returns text language sql as 'select 1/0 || $1';
     alter database hostile set search_path = evil, public; alter database hostile set statement_timeout = '1ms';
     alter database hostile set default_transaction_read_only = on; alter database hostile set "DateStyle" = 'German';
     alter role hostile_owner set default_transaction_isolation = 'serializable'`,
  )
  await provide(access, app, 2)
  const seen = await access.owner(app, {}, query =>
    query(`select current_setting('search_path') as path, current_setting('DateStyle') as style,
      current_setting('transaction_read_only') as ro, current_setting('statement_timeout') as time, pg_sleep(0.05)`),
  )
  const { path, style, ro, time } = seen[0]!
  assert.deepEqual([path, style, ro, time], ['pg_catalog,pg_temp', 'ISO, YMD', 'off', '0'])
  const superuser = await access.using(
    'hostile',
    async client => (await client.query('show search_path')).rows[0],
  )
  assert.deepEqual(superuser, { search_path: 'pg_catalog,pg_temp' })
  const { user, password } = app.app
  const client = await connectPinned({ ...app, user, password: password.reveal(), database: app.name })
  try {
    assert.equal((await client.query('select from public.guest')).rowCount, 0, 'the rights came through too')
  } finally {
    await client.end()
  }
})
