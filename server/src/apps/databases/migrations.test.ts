import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { sources } from '../../drivers/host/source.ts'
import { findMigrations, listMigrations, type MigrationPlace, type Query } from './migrations.ts'

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

/** Answers queries like a database with these tables and rows. */
const database =
  (tables: Record<string, Array<Record<string, unknown>>>): Query =>
  async (text, values) => {
    const asked = values?.[0] as string | undefined
    if (asked !== undefined) return [{ there: asked in tables }]
    return Object.entries(tables).find(([name]) => text.includes(name))?.[1] ?? []
  }

const config = (more = '') =>
  readConfig(`name: a\nservices: { api: { start: node a, root: api } }\nrelease: x\n${more}`).config!
const list = async (folder: string, tables: Record<string, Array<Record<string, unknown>>>, more = '') => {
  const place = await findMigrations(config(more), sources(folder))
  const { applied, pending, broken } = await listMigrations(place as MigrationPlace, database(tables))
  return [place!.tool, applied, pending, broken]
}

test('Prisma: what is applied, pending, and begun without an end', async () => {
  const folder = await tree('prisma', {
    'api/prisma/migrations/1_init/migration.sql': '',
    'api/prisma/migrations/2_more/migration.sql': '',
    'api/prisma/migrations/migration_lock.toml': '',
  })
  const row = (name: string, ended: boolean, back = false) => ({ name, ended, back })
  assert.deepEqual(await list(folder, { '"public"."_prisma_migrations"': [row('1_init', true)] }), [
    'prisma',
    ['1_init'],
    ['2_more'],
    [],
  ])
  assert.deepEqual(await list(folder, { '"public"."_prisma_migrations"': [row('1_init', false)] }), [
    'prisma',
    [],
    ['1_init', '2_more'],
    ['1_init'],
  ])
  assert.deepEqual(
    await list(folder, {}),
    ['prisma', [], ['1_init', '2_more'], []],
    'an empty database has no table',
  )
})

test('Drizzle: its journal by time, whatever schema its table is in', async () => {
  const journal = JSON.stringify({
    entries: [
      { tag: '0000_a', when: 100 },
      { tag: '0001_b', when: 200 },
    ],
  })
  const folder = await tree('drizzle', { 'drizzle/meta/_journal.json': journal })
  assert.deepEqual(await list(folder, { '"drizzle"."__drizzle_migrations"': [{ created_at: '100' }] }), [
    'drizzle',
    ['0000_a'],
    ['0001_b'],
    [],
  ])
  assert.deepEqual(
    await list(folder, { '"public"."__drizzle_migrations"': [{ created_at: '100' }, { created_at: '200' }] }),
    ['drizzle', ['0000_a', '0001_b'], [], []],
  )
})

test('Knex and node-pg-migrate: by name, without the ending', async () => {
  const knex = await tree('knex', {
    'package.json': '{"dependencies":{"knex":"3"}}',
    'migrations/1_a.ts': '',
    'migrations/2_b.ts': '',
  })
  assert.deepEqual(await list(knex, { '"public"."knex_migrations"': [{ name: '1_a.js' }] }), [
    'knex',
    ['1_a'],
    ['2_b'],
    [],
  ])
  const npm = await tree('npm', {
    'package.json': '{"dependencies":{"node-pg-migrate":"8"}}',
    'migrations/1_a.sql': '',
    'migrations/2_b.js': '',
  })
  assert.deepEqual(await list(npm, { '"public"."pgmigrations"': [{ name: '1_a' }] }), [
    'node-pg-migrate',
    ['1_a'],
    ['2_b'],
    [],
  ])
})

test('plain SQL files: where the file says they are', async () => {
  const folder = await tree('sql', { 'db/1.sql': '', 'db/2.sql': '', 'db/2.down.sql': '' })
  assert.deepEqual(
    await list(
      folder,
      { '"public"."schema_migrations"': [{ name: '1.sql' }] },
      'migrations: { tool: sql, folder: db }',
    ),
    ['sql', ['1.sql'], ['2.sql'], []],
  )
})

test('a repository without migrations has none', async () => {
  assert.equal(await findMigrations(config(), sources(await tree('none', { 'package.json': '{}' }))), null)
})
