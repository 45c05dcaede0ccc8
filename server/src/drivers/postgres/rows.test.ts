import assert from 'node:assert/strict'
import { chown, mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import { clusterWithAccess, connected, databaseOf, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { connectPinned, querying } from './connect.ts'
import { provide } from './provide.ts'
import { makeReader, READER } from './reader.ts'
import { postgresRows } from './rows.ts'
import { blockers } from './sessions.ts'

let cluster: TestCluster
let access: Access
const appOf = (name: string) => databaseOf(cluster, name)

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
  await provide(access, appOf('rights'), 2)
})
after(() => cluster?.remove())

test('who holds up others is told: session, role, how long, and what it did', async () => {
  const app = appOf('rights')
  await run(app, 'owner', 'create table guest (id int)')
  await connected(app, 'owner', async holder => {
    await holder.query('begin')
    await holder.query('lock table guest')
    await connected(app, 'owner', async waiter => {
      const waiting = waiter.query('select * from guest')
      const told = () => access.using('postgres', client => blockers(client, app.name))
      let sentences = await told()
      for (const end = Date.now() + 5_000; sentences.length === 0 && Date.now() < end; )
        sentences = await told()
      assert.equal(sentences.length, 1)
      assert.match(
        sentences[0]!,
        /^session \d+ of rights_owner, idle in transaction for \d s in a transaction: lock table guest$/,
      )
      assert.deepEqual(await access.using('postgres', client => blockers(client, 'shop')), [])
      await holder.query('rollback')
      await waiting
    })
  })
})

test('a reader of a copy sees what row security hides from the owner, and is no superuser', async () => {
  const app = appOf('rights')
  await run(
    app,
    'owner',
    `create table secret as select 1 as n; alter table secret enable row level security;
     alter table secret force row level security; create policy nobody on secret using (false)`,
  )
  assert.deepEqual(await run(app, 'owner', 'select n from secret'), [])
  const make = (client: pg.Client) => makeReader(querying(client), app, 'reader secret')
  await access.using('postgres', make)
  await access.using('postgres', make)
  const to = { host: cluster.at, port: 5432, user: READER, password: 'reader secret', database: app.name }
  const client = await connectPinned(to)
  try {
    const { rows } = await client.query('select n from public.secret')
    assert.deepEqual(rows, [{ n: 1 }])
    for (const text of ['create role mine', `select pg_read_file('/etc/passwd')`])
      await assert.rejects(client.query(text), { code: '42501' }, text)
  } finally {
    await client.end()
  }
})

test('rows go from one database to another as they are, or into a file with their names; a failure says why', async () => {
  const app = appOf('rights')
  const scratch = await mkdtemp(join(cluster.at, 'rows-'))
  const { account, place } = cluster
  if (account !== null) await chown(scratch, account.uid, account.gid)
  const rows = postgresRows(async () => account)
  const login = { bin: place.bin, socketFolder: place.socketFolder, port: place.port, ...app.owner }
  await run(
    app,
    'owner',
    String.raw`create table a (id int, t text); insert into a values (1, E'tab\t back\\ line\n "q", ü'), (2, null), (3, ''); create table b (like a)`,
  )
  const shared = {
    from: login,
    database: app.name,
    settings: {},
    scratch,
    signal: new AbortController().signal,
  }
  const order = { ...shared, to: login, select: 'select * from public.a' }
  await rows.move({ ...order, into: 'public.b' })
  const differ = '(table a except table b) union all (table b except table a)'
  assert.deepEqual(await run(app, 'owner', differ), [])
  assert.deepEqual(await run(app, 'owner', 'select count(*)::int from b'), [3])
  const file = await rows.csv({ ...shared, select: 'select * from public.a order by id' })
  assert.equal(await readFile(file, 'utf8'), 'id,t\n1,"tab\t back\\ line\n ""q"", ü"\n2,\n3,""\n')
  await assert.rejects(
    rows.move({ ...order, into: 'public.none' }),
    (error: Error & { code: string; why: string }) => {
      assert.equal(error.code, 'table.transfer')
      assert.match(error.why, /relation "public\.none" does not exist/)
      return true
    },
  )
})
