import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { applyMigrations } from '../src/migrate/apply'
import { prismaWithEngine } from '../src/migrate/engine'
import { startCluster, type Cluster } from './postgres'
import { schemaEngine } from './schema-engine'

let cluster: Cluster
let folder: string

before(() => {
  cluster = startCluster()
  folder = mkdtempSync(join(tmpdir(), 'motel-migrations-'))
  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n')
})

after(() => {
  cluster.stop()
  rmSync(folder, { recursive: true })
})

function write(name: string, script: string) {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), script)
}

async function ask(url: string, text: string, values: unknown[] = []) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

/** All that does not differ from one run to the next. */
const recorded = (url: string) =>
  ask(
    url,
    `select migration_name, checksum, applied_steps_count, logs is null as without_logs,
       finished_at >= started_at as finished, rolled_back_at, length(id) as id,
       now() - started_at between interval '0' and interval '1 minute' as recent
     from _prisma_migrations order by started_at`,
  )

const columns = (url: string) =>
  ask(
    url,
    `select column_name, data_type, character_maximum_length, is_nullable, column_default
     from information_schema.columns where table_name = '_prisma_migrations' order by ordinal_position`,
  )

/** Columns, keys, indexes and enumerations of a database, without Prisma's own table. */
const tables = (url: string) =>
  ask(
    url,
    `select concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default, datetime_precision) as line
       from information_schema.columns where table_schema = 'public' and table_name <> '_prisma_migrations'
     union all select indexdef from pg_indexes where schemaname = 'public' and tablename <> '_prisma_migrations'
     union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
       where connamespace = 'public'::regnamespace and conname <> '_prisma_migrations_pkey'
     union all select concat_ws(' ', enumtypid::regtype, enumsortorder, enumlabel) from pg_enum
     order by line`,
  )

async function engineSays<T>(url: string, ask: (engine: Awaited<ReturnType<typeof schemaEngine>>) => Promise<T>) {
  const engine = await schemaEngine(url)
  try {
    return await ask(engine)
  } finally {
    await engine.free()
  }
}

const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'no failure',
    (error: { code?: string }) => error.code,
  )

test('it leaves what the schema engine leaves, and the engine sees nothing to do', async () => {
  write('20260101000000_rooms', 'create table rooms (id int primary key);\r\ninsert into rooms values (1);\n')
  write('20260102000000_beds', '-- Ä, a comment with more than ASCII\nalter table rooms add column beds int;\n')
  const [ours, theirs] = [await cluster.database(), await cluster.database()]
  const names = ['20260101000000_rooms', '20260102000000_beds']
  deepEqual(await applyMigrations(ours, folder), names)
  deepEqual(await engineSays(theirs, engine => engine.apply(folder)), names)
  deepEqual(await recorded(ours), await recorded(theirs))
  deepEqual(await columns(ours), await columns(theirs))
  const seen = await engineSays(ours, engine => engine.diagnose(folder))
  deepEqual(seen, { history: null, editedMigrationNames: [], failedMigrationNames: [], hasMigrationsTable: true })
  deepEqual(await engineSays(ours, engine => engine.apply(folder)), [])
  deepEqual(await applyMigrations(theirs, folder), [])
})

test('either may go on where the other stopped', async () => {
  const url = await cluster.database()
  await applyMigrations(url, folder)
  write('20260103000000_third', 'create table third (id int)')
  deepEqual(await engineSays(url, engine => engine.apply(folder)), ['20260103000000_third'])
  write('20260104000000_fourth', 'create table fourth (id int)')
  deepEqual(await applyMigrations(url, folder), ['20260104000000_fourth'])
})

test('an edited migration is passed over in silence, as by Prisma', async () => {
  const [ours, theirs] = [await cluster.database(), await cluster.database()]
  await applyMigrations(ours, folder)
  await applyMigrations(theirs, folder)
  write('20260104000000_fourth', 'create table fourth (id bigint)')
  deepEqual(await engineSays(theirs, engine => engine.apply(folder)), [])
  deepEqual(await applyMigrations(ours, folder), [])
  const seen = await engineSays(ours, engine => engine.diagnose(folder))
  deepEqual(seen.editedMigrationNames, ['20260104000000_fourth'])
})

test('a migration that fails is undone, recorded and refused from then on', async () => {
  const [ours, theirs] = [await cluster.database(), await cluster.database()]
  write('20260105000000_broken', 'create table fifth (id int);\ninsert into fifth values (1), (1);\nselect 1 / 0;\n')
  try {
    equal(await codeOf(applyMigrations(ours, folder)), 'P3018')
    await rejects(engineSays(theirs, engine => engine.apply(folder)), /division by zero/)
    deepEqual(await recorded(ours), await recorded(theirs))
    // The words of the WebAssembly engine differ from those of the native one, which are ours.
    const [row] = await ask(ours, `select logs from _prisma_migrations where finished_at is null`)
    match(row.logs, /^A migration failed to apply[^]*Database error code: 22012[^]*division by zero/)
    deepEqual(await ask(ours, `select to_regclass('fifth') as fifth`), [{ fifth: null }])

    equal(await codeOf(applyMigrations(ours, folder)), 'P3009')
    equal(await codeOf(engineSays(ours, engine => engine.apply(folder))), 'P3009')
    await rejects(applyMigrations(theirs, folder), /`20260105000000_broken` migration started at 2\d{3}-.* UTC failed/)
  } finally {
    rmSync(join(folder, '20260105000000_broken'), { recursive: true })
  }
})

test('a failed migration that was marked as rolled back is applied again', async () => {
  const url = await cluster.database()
  write('20260105000000_broken', 'begin; create table fifth (id int); select 1 / 0; commit;')
  await rejects(applyMigrations(url, folder), { code: 'P3018' })
  await ask(url, `update _prisma_migrations set rolled_back_at = now() where finished_at is null`)
  write('20260105000000_broken', 'create table fifth (id int)')
  deepEqual(await applyMigrations(url, folder), ['20260105000000_broken'])
  deepEqual((await engineSays(url, engine => engine.diagnose(folder))).history, null)
})

test('a database with tables of others, another provider and a missing file are refused by Prisma\'s codes', async () => {
  const [full, empty] = [await cluster.database(), await cluster.database()]
  await ask(full, 'create table strange (id int)')
  equal(await codeOf(applyMigrations(full, folder)), 'P3005')
  equal(await codeOf(engineSays(full, engine => engine.apply(folder))), 'P3005')

  mkdirSync(join(folder, '20260106000000_missing'))
  equal(await codeOf(applyMigrations(empty, folder)), 'P3015')
  equal(await codeOf(engineSays(empty, engine => engine.apply(folder))), 'P3015')
  rmSync(join(folder, '20260106000000_missing'), { recursive: true })

  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "mysql"\n')
  equal(await codeOf(applyMigrations(empty, folder)), 'P3019')
  equal(await codeOf(engineSays(empty, engine => engine.apply(folder))), 'P3019')
  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n')
})

test('two at once: one applies, the other waits and finds nothing to do', async () => {
  const url = await cluster.database()
  const results = await Promise.all([applyMigrations(url, folder), applyMigrations(url, folder)])
  deepEqual(results.map(names => names.length > 0).sort(), [false, true])
})

test('the migrations of this app make exactly its schema', async () => {
  const [ours, theirs] = [await cluster.database(), await cluster.database()]
  const program = join(__dirname, '../src/migrate.js')
  const run = () =>
    spawnSync(process.execPath, [program], { env: { ...process.env, DATABASE_URL: ours }, encoding: 'utf8' })
  const first = run()
  equal(first.status, 0, first.stderr)
  match(run().stdout, /No pending migrations to apply/)
  await ask(theirs, await engineSays(theirs, engine => engine.create('prisma/schema.prisma')))
  deepEqual(await tables(ours), await tables(theirs))
})

test('Prisma itself is used only where its engine is', () => {
  const app = mkdtempSync(join(tmpdir(), 'motel-prisma-'))
  const put = (path: string, text = '{}') => {
    mkdirSync(join(app, path, '..'), { recursive: true })
    writeFileSync(join(app, path), text)
  }
  put('package.json')
  equal(prismaWithEngine(app), null)
  put('node_modules/prisma/package.json')
  put('node_modules/@prisma/engines/package.json')
  equal(prismaWithEngine(app), null)
  put('node_modules/@prisma/engines/schema-engine-debian-openssl-3.0.x', '')
  match(prismaWithEngine(app) ?? '', /node_modules\/prisma\/build\/index\.js$/)
  rmSync(app, { recursive: true })
})
