import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findMigrations, listMigrations } from '../server/src/apps/databases/migrations.ts'
import { migrate } from '../server/src/apps/releases/migrate.ts'
import { readConfigOrFail } from '../server/src/config/read.ts'
import { exec, SYSTEM_PATH } from '../server/src/drivers/host/exec.ts'
import { sources } from '../server/src/drivers/host/source.ts'
import { withDatabase } from '../server/src/drivers/postgres/connect.ts'
import type { Failure } from '../server/src/kernel/failure.ts'
import { prisma } from './kit/migration-prisma.ts'
import { knex, type Setting, TOOL_CASES, type ToolCase } from './kit/migration-tools.ts'
import { packages } from './kit/packages.ts'
import { makePostgres, type Postgres } from './kit/postgres.ts'

// What each tool really does, at its pinned version.
const PATH = `${dirname(process.execPath)}:${SYSTEM_PATH}`

let postgres: Postgres
let at: string
let databases = 0
before(async () => {
  postgres = await makePostgres()
  at = await mkdtemp(join(tmpdir(), 'inn-tools-'))
})
after(async () => {
  await postgres?.remove()
  await rm(at, { recursive: true, force: true })
})

const GOOD = ['create table one (id int)', 'create table two (id int)']
const BAD = ['create table three (id int)', 'insert into nowhere values (1)']

/** An app with this tool, and a database of its own. */
async function world(kind: ToolCase, setting: Setting = {}) {
  const database = `d${databases++}`
  await postgres.sql('postgres', `create database ${database}`)
  await postgres.sql(database, 'create schema ops')
  const folder = join(at, database)
  const url = `${postgres.url('postgres', database)}?sslmode=disable`
  const write = async (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  }
  await write({ 'package.json': '{}', ...kind.config(setting) })
  await symlink(await packages(kind.packages), join(folder, 'node_modules'))
  const command = kind.command(setting)
  const config = (table: string) =>
    readConfigOrFail(
      `name: shop\nservices: { api: { start: node a.js } }\ndatabase: { postgres: true }\nrelease: ${JSON.stringify(command)}\nmigrations: { tool: ${kind.tool}, folder: ${kind.folder}${table} }\n`,
    )
  const env = { PATH: `${folder}/node_modules/.bin:${PATH}`, HOME: at, DATABASE_URL: url, CI: '1' }
  /** `longestMs`: when the tool is killed. */
  const go = (table = '', longestMs = 120_000) =>
    withDatabase(url, query =>
      migrate({
        limits: null,
        guard: null,
        sleep: async () => {},
        serves: 'before',
        config: config(table),
        query,
        source: sources(folder),
        run: step => exec({ argv: step.command, cwd: folder, env, timeoutMs: longestMs }),
        blockers: async () => [],
        tried: [],
        remember: async () => {},
        say: () => {},
      }),
    )
  const look = (table = '') =>
    withDatabase(url, async query => {
      const place = await findMigrations(config(table), sources(folder))
      const found = await listMigrations(place!, query)
      return { ...found, table: found.table === null ? null : `${found.table.schema}.${found.table.name}` }
    })
  return { go, look, write, sql: (text: string) => postgres.sql(database, text) }
}

async function refused(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => assert.fail('it went well'),
    (reason: unknown) => reason,
  )
  return error as Failure
}

/** Deploys one migration, sees it recorded where it is expected, and deploys again with nothing to do. */
async function deploys(kind: ToolCase, setting: Setting, table: string, said = '') {
  const { go, look, write } = await world(kind, setting)
  await write(kind.migrations([GOOD]))
  const first = await go(said)
  assert.equal(first.applied.length, 1)
  const found = await look(said)
  assert.deepEqual([found.applied, found.pending, found.table], [first.applied, [], table])
  assert.deepEqual((await go(said)).applied, [], 'there is nothing to do')
  await write(kind.migrations([GOOD, ['create table four (id int)']]))
  const next = await look(said)
  assert.deepEqual([next.pending.length, next.edited], [1, []], 'a new one is pending')
  await write(kind.migrations([[...GOOD, 'select 1']]))
  assert.equal((await look(said)).edited.length, kind.checksums ? 1 : 0)
  return { look }
}

describe('migration tools', { concurrency: 3 }, () => {
  for (const kind of [prisma, ...TOOL_CASES]) {
    const own = kind.table.split('.') as [string, string]
    const settings: Setting[] = [
      { table: `'applied_log'` },
      { table: `'applied_log'`, schema: `'ops'` },
      { schema: `'ops'` },
    ]
    const possible = settings.filter(s =>
      Object.keys(s).every(key => kind.settable.includes(key as keyof Setting)),
    )

    test(`${kind.name}: its usual table, and nothing to do`, async () => {
      await deploys(kind, {}, kind.table)
    })

    if (possible.length > 0)
      test(`${kind.name}: another table, and another schema`, async () => {
        for (const setting of possible) {
          const { schema = own[0], table = own[1] } = setting
          await deploys(kind, setting, `${schema}.${table}`.replaceAll("'", ''))
        }
      })

    if (kind.computed)
      test(`${kind.name}: a name that only its code knows, found by its columns or said`, async () => {
        const computed = `['applied', 'log'].join('_')`
        await deploys(kind, { table: computed }, `${own[0]}.applied_log`)
        await deploys(kind, { table: computed }, `${own[0]}.applied_log`, ', table: applied_log')
      })

    test(`${kind.name}: a second migration that fails half-way`, async () => {
      const { go, look, write, sql } = await world(kind)
      await write(kind.migrations([GOOD, BAD]))
      const failure = await refused(go())
      assert.equal(failure.code, 'release.failed')
      assert.match(failure.why, kind.reason ?? /relation "nowhere" does not exist/)
      const { applied, pending } = await look()
      const stays = kind.allOrNothing ? 0 : 1
      assert.deepEqual([applied.length, pending.length], [stays, 2 - stays])
      const there = await sql(`select to_regclass('one') is not null`)
      assert.deepEqual(there, [String(!kind.allOrNothing)], 'the table says what is true')
    })
  }

  test('Knex, cut off inside of its transaction: nothing stays, and the next deploy goes on', async () => {
    const { go, write } = await world(knex)
    // Its session goes on at the server until the statement ends, and with it the lock.
    await write(knex.migrations([GOOD, ['select pg_sleep(6)']]))
    const cut = await refused(go('', 3_000))
    assert.match(cut.why, /no migration was applied\.$/)
    await write(knex.migrations([GOOD, ['select 1']]))
    assert.equal((await go()).applied.length, 2)
  })

  test('Knex, cut off outside of a transaction: what stays and its lock are told, and refused until it is given up', async () => {
    const { go, write, sql } = await world(knex)
    const files = (slow: string) => {
      const all = knex.migrations([GOOD, [slow]])
      const last = Object.keys(all).at(-1)!
      return { ...all, [last]: `${all[last]}\nexports.config = { transaction: false }` }
    }
    await write(files('select pg_sleep(6)'))
    const cut = await refused(go('', 3_000))
    assert.match(cut.why, /20260101_a was applied and stays; 20260101_b not/)
    assert.match(cut.why, /still holds its lock/)
    await write(files('select 1'))
    const failure = await refused(go())
    assert.equal(failure.code, 'release.locked-migrations')
    assert.match(failure.why, /20260101_a is applied, 20260101_b not$/)
    await sql('update knex_migrations_lock set is_locked = 0')
    assert.deepEqual((await go()).applied, ['20260101_b'])
  })
})
