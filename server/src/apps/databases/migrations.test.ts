import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { sources } from '../../drivers/host/source.ts'
import { checksumOf, findMigrations, listMigrations, type MigrationPlace, type Query } from './migrations.ts'

let at: string
before(async () => {
  at = await mkdtemp(join(tmpdir(), 'inn-migrations-'))
})
after(() => rm(at, { recursive: true, force: true }))

async function tree(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, name, path)), { recursive: true })
    await writeFile(join(at, name, path), text)
  }
  return join(at, name)
}

interface Table {
  columns: string
  rows: Array<Record<string, unknown>>
}

/** Answers queries like a database with these tables and rows. Which tables it tells of is the real one's to decide. */
const database =
  (tables: Record<string, Table>): Query =>
  async (text, values) => {
    if (!text.includes('pg_class')) {
      const [, table] = Object.entries(tables).find(([name]) =>
        text.includes(name.replace(/(\w+)\.(\w+)/, '"$1"."$2"')),
      )!
      const [, column] = /^select "(\w+)"::text as value/.exec(text) ?? []
      return column === undefined ? table.rows : table.rows.map(row => ({ value: row[column] }))
    }
    const [names, all] = values as [string[], string[]]
    return Object.entries(tables)
      .map(([path, { columns }]) => ({ path: path.split('.'), columns: columns.split(' ').sort() }))
      .filter(({ path, columns }) => names.includes(path[1]!) || columns.join() === all.join())
      .map(({ path: [schema, name], columns }) => ({ schema, name, columns }))
  }

const KNEX = 'id name batch migration_time'
const NPM = 'id name run_on'
const DRIZZLE = 'id hash created_at'
const PRISMA = 'id checksum finished_at migration_name logs rolled_back_at started_at applied_steps_count'
const named = (columns: string, ...names: string[]): Table => ({
  columns,
  rows: names.map(name => ({ name })),
})

const config = (more = '') =>
  readConfig(
    `name: a\nservices: { api: { start: node a, root: api } }\ndatabase: { postgres: true }\nrelease: x\n${more}`,
  ).config!
const look = async (folder: string, tables: Record<string, Table>, more = '') => {
  const place = await findMigrations(config(more), sources(folder))
  return { ...(await listMigrations(place as MigrationPlace, database(tables))), tool: place!.tool }
}
const list = async (...args: Parameters<typeof look>) => {
  const { tool, applied, pending, broken } = await look(...args)
  return [tool, applied, pending, broken]
}
const tableOf = (found: { table: { schema: string; name: string } | null }) =>
  found.table === null ? null : `${found.table.schema}.${found.table.name}`

test('Prisma: what is applied, pending, and begun without an end', async () => {
  const folder = await tree('prisma', {
    'api/prisma/migrations/1_init/migration.sql': '',
    'api/prisma/migrations/2_more/migration.sql': '',
    'api/prisma/migrations/migration_lock.toml': '',
  })
  const row = (name: string, ended: boolean, back = false): Table => ({
    columns: PRISMA,
    rows: [{ name, ended, back }],
  })
  const both = ['1_init', '2_more']
  const one = ['prisma', ['1_init'], ['2_more'], []]
  assert.deepEqual(await list(folder, { 'public._prisma_migrations': row('1_init', true) }), one)
  assert.deepEqual(await list(folder, { 'shop._prisma_migrations': row('1_init', true) }), one)
  assert.deepEqual(await list(folder, { 'public._prisma_migrations': row('1_init', false) }), [
    'prisma',
    [],
    both,
    ['1_init'],
  ])
  assert.deepEqual(await list(folder, {}), ['prisma', [], both, []], 'an empty database has no table')
})

test('Drizzle: its journal by time, whatever schema its table is in, and under the name in its configuration', async () => {
  const journal = JSON.stringify({
    entries: [
      { tag: '0000_a', when: 100 },
      { tag: '0001_b', when: 200 },
    ],
  })
  const files = { 'drizzle/meta/_journal.json': journal, 'drizzle/0000_a.sql': '' }
  const folder = await tree('drizzle', files)
  const times = (...when: string[]): Table => ({
    columns: DRIZZLE,
    rows: when.map(time => ({ time, checksum: checksumOf('') })),
  })
  const one = ['drizzle', ['0000_a'], ['0001_b'], []]
  assert.deepEqual(await list(folder, { 'drizzle.__drizzle_migrations': times('100') }), one)
  assert.deepEqual(await list(folder, { 'public.__drizzle_migrations': times('100', '200') }), [
    'drizzle',
    ['0000_a', '0001_b'],
    [],
    [],
  ])
  assert.deepEqual((await look(folder, { 'x.__drizzle_migrations': times('100') })).edited, [])
  const changed = await tree('drizzle-changed', { ...files, 'drizzle/0000_a.sql': 'select 1' })
  assert.deepEqual((await look(changed, { 'x.__drizzle_migrations': times('100') })).edited, ['0000_a'])
  const configured = await tree('drizzle-named', {
    ...files,
    'drizzle.config.ts': `export default { schema: './src/schema.ts', migrations: {
      // table: 'old',
      table: 'journal', schema: "ops" } }`,
  })
  const tables = { 'drizzle.__drizzle_migrations': times('100', '200'), 'ops.journal': times('100') }
  assert.deepEqual(await list(configured, tables), one)
})

test('Knex: by name without the ending; the name of its table from a section for production, from innkeeper.yaml, or by its columns', async () => {
  const files = {
    'package.json': '{"dependencies":{"knex":"3"}}',
    'migrations/1_a.ts': '',
    'migrations/2_b.ts': '',
  }
  const knex = await tree('knex', files)
  const one = ['knex', ['1_a'], ['2_b'], []]
  assert.deepEqual(await list(knex, { 'public.knex_migrations': named(KNEX, '1_a.js') }), one)
  const sections = await tree('knex-sections', {
    ...files,
    'knexfile.js': `module.exports = {
      development: { migrations: { tableName: 'dev_log' } },
      production: { migrations: { tableName: 'log', schemaName: 'ops' } } }`,
  })
  const several = { 'public.dev_log': named(KNEX, '1_a.js', '2_b.js'), 'ops.log': named(KNEX, '1_a.js') }
  assert.deepEqual(await list(sections, several), one)
  const linked = await tree('knex-link', files)
  await symlink('/etc/passwd', join(linked, 'knexfile.js'))
  assert.deepEqual(await list(linked, { 'public.knex_migrations': named(KNEX, '1_a.js') }), one)
  const said = 'migrations: { table: ops.log }'
  assert.deepEqual(await list(knex, several, said), one)
  assert.deepEqual((await list(knex, { 'public.knex_migrations': named(KNEX, '1_a.js') }, said))[1], [])
  const strange = { 'x.y': named(KNEX, '1_a.js'), 'x.z': named(KNEX, '9_of_another_app.js') }
  assert.equal(tableOf(await look(knex, strange)), 'x.y', 'its columns and a file of the folder tell')
  const doubt = { 'x.y': named(KNEX, '1_a.js'), 'x.z': named(KNEX, '2_b.js') }
  assert.equal(tableOf(await look(knex, doubt)), null, 'two tables tell nothing')
})

test('Knex: a lock that its row holds is told, with how to give it up', async () => {
  const knex = await tree('knex-lock', {
    'package.json': '{"dependencies":{"knex":"3"}}',
    'migrations/1_a.ts': '',
  })
  const lock = (held: boolean) => ({
    'public.knex_migrations': named(KNEX),
    'public.knex_migrations_lock': { columns: 'index is_locked', rows: held ? [{}] : [] },
  })
  assert.equal((await look(knex, lock(true))).locked, 'knex migrate:unlock')
  assert.equal((await look(knex, lock(false))).locked, null)
})

test('node-pg-migrate: by name, with the table that its command or the script around it names', async () => {
  const files = {
    'package.json': '{"scripts":{"up":"node-pg-migrate up -t log"},"dependencies":{"node-pg-migrate":"8"}}',
    'migrations/1_a.sql': '',
    'migrations/2_b.js': '',
  }
  const folder = await tree('npm', files)
  const tables = { 'public.pgmigrations': named(NPM, '1_a'), 'ops.log': named(NPM, '1_a', '2_b') }
  const one = ['node-pg-migrate', ['1_a'], ['2_b'], []]
  assert.deepEqual(await list(folder, tables), one)
  const under = async (release: string) => {
    const command = release.split(' ')
    const step = { command, service: 'api', timeout: 1, lockTimeout: 1, blockTimeout: 1, env: {} }
    const place = await findMigrations({ ...config(), release: step }, sources(folder))
    return (await listMigrations(place!, database(tables))).applied
  }
  assert.deepEqual(await under('npm run up'), ['1_a', '2_b'])
  assert.deepEqual(await under('node-pg-migrate up --migrations-table=log --migrations-schema ops'), [
    '1_a',
    '2_b',
  ])
})

test('other tools: by what each of them records', async () => {
  const cases: Array<[tool: string, file: string, table: string, columns: string, row: object]> = [
    ['dbmate', '20260101_a.sql', 'public.schema_migrations', 'version', { version: '20260101' }],
    ['sequelize', '1-a.js', 'public.SequelizeMeta', 'name', { name: '1-a.js' }],
    [
      'typeorm',
      '1700000000000-A.ts',
      'public.migrations',
      'id timestamp name',
      { timestamp: '1700000000000' },
    ],
    [
      'mikro-orm',
      'Migration2026.ts',
      'public.mikro_orm_migrations',
      'id name executed_at',
      { name: 'Migration2026' },
    ],
    ['kysely', '1_a.ts', 'public.kysely_migration', 'name timestamp', { name: '1_a' }],
    [
      'graphile-migrate',
      '000001.sql',
      'graphile_migrate.migrations',
      'hash previous_hash filename date',
      { filename: '000001.sql' },
    ],
  ]
  for (const [tool, file, table, columns, row] of cases) {
    const folder = await tree(`other-${tool}`, { [`m/${file}`]: '' })
    const more = `migrations: { tool: ${tool}, folder: m }`
    assert.equal((await look(folder, {}, more)).pending.length, 1, tool)
    const found = await look(folder, { [table]: { columns, rows: [row] } as Table }, more)
    assert.deepEqual([found.applied.length, found.pending, tableOf(found)], [1, [], table], tool)
  }
})

test('plain SQL files: where the file says they are; a changed one is told where Innkeeper recorded its checksum', async () => {
  const folder = await tree('sql', { 'db/1.sql': 'select 1\n', 'db/2.sql': '', 'db/2.down.sql': '' })
  const more = 'migrations: { tool: sql, folder: db }'
  const tables = (checksum?: string) => ({
    'public.schema_migrations': {
      columns: checksum === undefined ? 'name' : 'name checksum',
      rows: [{ name: '1.sql', checksum }],
    },
  })
  assert.deepEqual(await list(folder, tables(), more.concat('\n')), ['sql', ['1.sql'], ['2.sql'], []])
  const edited = async (checksum?: string) =>
    (
      await listMigrations(
        (await findMigrations({ ...config(more), release: null }, sources(folder)))!,
        database(tables(checksum)),
      )
    ).edited
  assert.deepEqual(await edited(checksumOf('select 1\n')), [])
  assert.deepEqual(await edited(checksumOf('select 1\r\n')), [], 'the same lines')
  assert.deepEqual(await edited(checksumOf('select 2')), ['1.sql'])
  assert.deepEqual(await edited(), [], 'nothing was recorded, so nothing is said')
  assert.deepEqual(
    (await look(folder, tables('of the app itself'), more)).edited,
    [],
    'a command of the app counts its own way',
  )
})

test('a repository without migrations has none', async () => {
  assert.equal(await findMigrations(config(), sources(await tree('none', { 'package.json': '{}' }))), null)
})
