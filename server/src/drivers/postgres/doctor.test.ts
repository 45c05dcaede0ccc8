import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { diagnose } from '../../watch/doctor/rule.ts'
import { clusterWithAccess, connected, databaseOf, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { querying } from './connect.ts'
import { factsOf } from './doctor.ts'
import { provide } from './provide.ts'

let cluster: TestCluster
let access: Access
let app: DatabaseAccess

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
  app = databaseOf(cluster, 'sick')
  await provide(access, app, 2)
})
after(() => cluster?.remove())

const facts = () =>
  connected(app, 'owner', async client => {
    const found = await factsOf(querying(client), Date.now())
    // Clusters of tests are made without it, so that they are quick.
    return { ...found, settings: { ...found.settings, fsync: 'on' } }
  })

test('of a small database that is well nothing is found; the facts are those of the catalogs', async () => {
  await run(app, 'owner', 'create table room (id serial primary key, name text)')
  const found = await facts()
  assert.deepEqual(diagnose(found), [])
  assert.deepEqual(
    found.tables.map(one => [one.name, one.hasKey]),
    [['public.room', true]],
  )
  assert.ok(found.bytes > 5e6 && found.connections.most > 0 && found.settings['fsync'] !== undefined)
})

test('each thing that is made wrong is found, with SQL that mends it', async () => {
  const statements = [
    `create table "Odd ""Name" (id smallserial primary key, room int references room (id), day date, note text)`,
    `insert into room (name) select n::text from generate_series(1, 10) n`,
    `insert into "Odd ""Name" (id, room, day, note) select 0, 1 + n % 10, '2026-01-01', n::text from generate_series(1, 0) n`,
    `alter table "Odd ""Name" alter column id drop default`,
    `alter table "Odd ""Name" drop constraint "Odd ""Name_pkey"`,
    `insert into "Odd ""Name" (id, room, day, note) select 1, 1 + n % 10, '2026-01-01', n::text from generate_series(1, 30000) n`,
    `create index by_day on "Odd ""Name" (day)`,
    `create index by_day_again on "Odd ""Name" (day)`,
    `create index by_day_and_room on "Odd ""Name" (day, room)`,
    `create index only_some on "Odd ""Name" (day) where room = 1`,
    `alter table "Odd ""Name" set (autovacuum_enabled = off)`,
    `analyze "Odd ""Name"`,
    `update "Odd ""Name" set note = 'x' where room < 8`,
    `create table near (id serial primary key)`,
    `select setval('near_id_seq', 2100000000)`,
  ]
  for (const text of statements) await run(app, 'owner', text)
  await assert.rejects(run(app, 'owner', `create unique index concurrently broken on "Odd ""Name" (room)`))
  // Counts of what changed come a moment later.
  await new Promise(resolve => setTimeout(resolve, 1_500))
  const all = diagnose(await facts())
  const name = `public."Odd ""Name"`
  assert.deepEqual(
    all.map(({ id }) => id).sort(),
    [
      ...['foreign-key.unindexed', 'index.covered', 'index.duplicate', 'index.invalid'],
      ...['sequence', 'table.dead-rows', 'table.keyless', 'table.unattended'],
    ].sort(),
    JSON.stringify(all, null, 1),
  )
  assert.equal(all[0]!.id, 'sequence')
  const sql = all.flatMap(one => one.sql)
  assert.ok(sql.includes(`vacuum (analyze) ${name}`), sql.join('\n'))
  // Only those that a person would take, one after the other: each runs as it stands.
  for (const one of all.filter(({ id }) => id !== 'index.invalid'))
    for (const text of one.sql) await run(app, 'owner', text)
  await run(app, 'owner', 'drop index concurrently broken')
  await new Promise(resolve => setTimeout(resolve, 1_500))
  const left = diagnose(await facts()).map(({ id }) => id)
  assert.deepEqual(left.sort(), ['sequence', 'table.keyless'])
})

test('a view of the app that has the name of a catalog has no say', async () => {
  await run(app, 'owner', 'create schema fake')
  await run(
    app,
    'owner',
    `create view fake.pg_class as select * from pg_catalog.pg_class where pg_sleep(60) is null`,
  )
  await run(app, 'owner', 'alter role sick_owner set search_path = fake, pg_catalog, public')
  try {
    assert.ok((await facts()).tables.some(({ name }) => name === 'public.room'))
  } finally {
    await run(app, 'owner', 'alter role sick_owner reset search_path')
  }
})

test('an index that finds what no other finds, or that cannot go by itself, stays', async () => {
  const statements = [
    `create table word (id serial primary key, a text, b text, c int, d int references room (id))`,
    `create index a_for_like on word (a text_pattern_ops)`,
    `create index a_by_bytes on word (a collate "C")`,
    `create index a_and_b on word (a, b)`,
    `create index c_with_b on word (c) include (b)`,
    `create index c_and_d on word (c, d)`,
    `create index d_if_any on word (d) where d is not null`,
    `create table part (day date not null, n int) partition by range (day)`,
    `create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01')`,
    `create index part_day on part (day)`,
    `create index part_day_and_n on part (day, n)`,
    `insert into word (a, d) select n::text, 1 from generate_series(1, 20000) n`,
    `analyze word`,
  ]
  for (const text of statements) await run(app, 'owner', text)
  const of = async () => {
    const found = await facts()
    const indexes = found.indexes.filter(({ table }) => /word|part/.test(table))
    const foreignKeys = found.foreignKeys.filter(({ table }) => table === 'public.word')
    return diagnose({ ...found, indexes, foreignKeys }).filter(({ id }) => /^(index|foreign)/.test(id))
  }
  assert.deepEqual(await of(), [])
  await run(app, 'owner', 'create index a_alone on word (a)')
  assert.deepEqual(
    (await of()).flatMap(({ sql }) => sql),
    ['drop index concurrently public.a_alone'],
  )
  assert.ok(Math.abs(Date.now() - (await facts()).since!) < 600_000)
})

test('an index that is still being made is not one that failed', async () => {
  await run(app, 'owner', 'create table slow (n int)')
  await run(app, 'owner', 'insert into slow values (1)')
  await connected(app, 'owner', async client => {
    await client.query('begin')
    await client.query('update slow set n = 2')
    const making = run(app, 'owner', 'create index concurrently slow_n on slow (n)')
    const isThere = () => run(app, 'owner', `select to_regclass('slow_n')`)
    for (const end = Date.now() + 10_000; (await isThere())[0] === null; ) assert.ok(Date.now() < end)
    assert.deepEqual(
      (await facts()).indexes.filter(({ name }) => name === 'public.slow_n'),
      [],
    )
    await client.query('rollback')
    await making
  })
})
