import { deepEqual, equal, match } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { seedLarge } from '../src/seed/large.ts'
import { query, root } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'
import { schemaEngine } from './schema-engine.ts'

let cluster: Cluster
let url: string

before(async () => {
  cluster = startCluster()
  url = await cluster.database()
})
after(() => cluster.stop())

const run = (program: string, as: string) =>
  execFileSync(process.execPath, [resolve(root, 'dist', program)], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, DATABASE_URL: as },
  })
const count = async (table: string) =>
  Number((await query<{ n: string }>(url, `select count(*) as n from ${table}`))[0]!.n)

/** Columns, keys, indexes and enumerations, without what Prisma's schema has no words for. */
const shape = (of: string) =>
  query(
    of,
    `select concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default, datetime_precision) as line
       from information_schema.columns where table_schema = 'public' and table_name <> '_prisma_migrations'
     union all select indexdef from pg_indexes
       where schemaname = 'public' and tablename <> '_prisma_migrations' and indexname <> 'outbox_waiting_instance_key'
     union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
       where connamespace = 'public'::regnamespace and conname <> '_prisma_migrations_pkey'
     union all select concat_ws(' ', enumtypid::regtype, enumsortorder, enumlabel) from pg_enum
     order by line`,
  )

test('the release step migrates once; Prisma’s own engine finds nothing left to do', async () => {
  match(run('migrate.js', url), /applied 20260105090000_events\n/)
  match(run('migrate.js', url), /No pending migrations/)
  const engine = await schemaEngine(url)
  deepEqual(await engine.apply(resolve(root, 'prisma/migrations')), [])
  deepEqual((await engine.diagnose(resolve(root, 'prisma/migrations'))).history, null)
  await engine.free()
})

test('the migrations make exactly what the schema says', async () => {
  const bySchema = await cluster.database()
  const engine = await schemaEngine(bySchema)
  const sql = await engine.create(resolve(root, 'prisma/schema.prisma'))
  await engine.free()
  await query(bySchema, sql)
  deepEqual(await shape(url), await shape(bySchema))
})

test('the seed needs row rights only, and may run again', async () => {
  await query(
    url,
    `create role clerk login; grant usage on schema public to clerk;
    grant select, insert, update, delete on all tables in schema public to clerk; grant usage on all sequences in schema public to clerk`,
  )
  const asClerk = url.replace('postgres@', 'clerk@')
  match(run('seed.js', asClerk), /Old Mill Choir: ev_[\w-]{32}\n/)
  match(run('seed.js', asClerk), /^the clubs are there already\n$/)
  const places = await count('entries')
  equal(places > 200 && places < 1000, true, `${places} entries`)
})

test('the large seed is the same every time', async () => {
  const size = { users: 50, instances: 30, log: 1000 }
  const before = await count('participation_log')
  equal(await seedLarge(url, size), true)
  equal(await seedLarge(url, size), false)
  equal((await count('participation_log')) - before, size.log)
  const digest = `select md5(string_agg(concat_ws(' ', name, action, at at time zone 'UTC'), '|' order by log.id)) as md5
    from participation_log log join users on users.id = user_id where telegram_id >= 910000000000000`
  const [again] = [await cluster.database()]
  run('migrate.js', again)
  await seedLarge(again, size)
  deepEqual(await query(again, digest), await query(url, digest))
})
