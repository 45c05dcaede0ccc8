import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadModule } from 'libpg-query'
import type { MigrationTool } from '../../config/config.ts'
import { parseFile } from '../../drivers/libpg-query/program.ts'
import type { MigrationPlace } from '../databases/migrations.ts'
import { migrationOf, textOf } from './files.ts'
import { MIGRATION_FILES, sourceOf } from './source.ts'

await loadModule()

async function read(
  tool: MigrationTool,
  name: string,
  files: Record<string, string>,
  command: string[] = [],
) {
  const place = {
    ...{
      tool,
      folder: 'db',
      roots: ['.'],
      source: sourceOf({ paths: Object.keys(files), texts: files, complete: true }),
    },
    config: { release: { command } },
  } as unknown as MigrationPlace
  const text = await textOf(place, name)
  if (text === null) return null
  const { mode, sql } = migrationOf(text, parseFile(text.sql))
  return [mode, ...sql!.statements.map(({ line, text: said }) => `${line} ${said}`)]
}

test('each tool has its own file, part of it, and transaction', async () => {
  assert.deepEqual(await read('prisma', '1_a', { 'db/1_a/migration.sql': 'lock a;' }), ['none', '1 lock a'])
  assert.deepEqual(await read('prisma', '1_a', { 'db/1_a/migration.sql': 'lock a; lock b' }), [
    'each',
    ...['1 lock a', '1 lock b'],
  ])
  const drizzle = 'lock a;\n--> statement-breakpoint\nlock b;'
  assert.deepEqual(await read('drizzle', '0001', { 'db/0001.sql': drizzle }), ['all', '1 lock a', '3 lock b'])
  const both = '-- Up Migration\nlock a;\n-- Down Migration\nlock b;'
  assert.deepEqual(await read('node-pg-migrate', '1_a', { 'db/1_a.sql': both }), ['all', '2 lock a'])
  assert.deepEqual(
    await read('node-pg-migrate', '1_a', { 'db/1_a.up.sql': 'lock a' }, ['x', '--no-single-transaction']),
    ['each', '1 lock a'],
  )
  assert.equal(await read('node-pg-migrate', '1_a', { 'db/1_a.js': '' }), null)
  const mate = '-- migrate:up transaction:false\nlock a;\n-- migrate:down\nlock b;'
  assert.deepEqual(await read('dbmate', '1_a.sql', { 'db/1_a.sql': mate }), ['none', '2 lock a'])
  const graphile = '--! Previous: -\n--! no-transaction\nlock a;'
  assert.deepEqual(await read('graphile-migrate', '000001.sql', { 'db/committed/000001.sql': graphile }), [
    'none',
    '3 lock a',
  ])
  assert.deepEqual(await read('sql', 'a.sql', { 'db/a.sql': '\uFEFFvacuum;' }), ['none', '1 vacuum'])
  assert.deepEqual(await read('sql', 'a.sql', { 'db/a.sql': 'begin; lock a; commit;' }), [
    'each',
    ...['1 begin', '1 lock a', '1 commit'],
  ])
})

test('a node-pg-migrate file without a mark is all of it', async () => {
  assert.deepEqual(await read('node-pg-migrate', '1', { 'db/1.sql': 'lock a;\n-- Down Migration\nlock b' }), [
    'all',
    '1 lock a',
  ])
})

test('an uploaded source is read as a folder is', async () => {
  const source = sourceOf({
    paths: ['a/b/c.sql', 'a/d.js', 'x'],
    texts: { 'a/b/c.sql': '1' },
    complete: true,
  })
  assert.deepEqual(await source.names('.'), ['a', 'x'])
  assert.deepEqual(await source.names('a'), ['b', 'd.js'])
  assert.equal(await source.names('nowhere'), null)
  assert.deepEqual(
    [await source.has('a/b'), await source.has('./a/d.js'), await source.has('b')],
    [true, true, false],
  )
  assert.deepEqual([await source.text('./a/b/c.sql'), await source.text('a/d.js')], ['1', null])
})

test('files that set tools up are read, and not the code of an app', () => {
  const fits = (path: string) => new RegExp(MIGRATION_FILES).test(path)
  const wanted = [
    ...['db/1.sql', 'package.json', 'a/drizzle/meta/_journal.json', 'drizzle.config.ts', 'knexfile.js'],
    ...['.dbmate', 'src/db/data-source.ts', 'config/config.json', '.node-pg-migraterc.json'],
  ]
  assert.deepEqual(
    wanted.filter(path => !fits(path)),
    [],
  )
  assert.deepEqual(['src/server.ts', 'package-lock.json', 'a.png', 'README.md'].filter(fits), [])
})

test('a file without a statement says nothing', async () => {
  for (const empty of ['', ' \n', '-- only words\n', ';']) {
    const { statements, error } = parseFile(empty)
    assert.deepEqual([statements.length, error], [0, null], JSON.stringify(empty))
  }
})

test('the rows of a dump are no statements that could be judged', () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => `insert into a values (${n});`).join('\n')
  const { statements, count } = parseFile(`create table a (id bigint);\n${rows}\nselect 1;`)
  assert.deepEqual([statements.map(one => one.line), count], [[1], 1_002])
  // They may use a new value of an enum.
  assert.equal(parseFile(`alter type mood add value 'x';\n${rows}`).statements.length, 1_001)
})
