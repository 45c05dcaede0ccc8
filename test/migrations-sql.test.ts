import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { migrate } from '../server/src/apps/releases/migrate.ts'
import type { Limits } from '../server/src/apps/releases/migrate-sql.ts'
import { readConfigOrFail } from '../server/src/config/read.ts'
import { withDatabase } from '../server/src/drivers/postgres/connect.ts'
import { newestMajor } from '../server/src/drivers/postgres/create.ts'
import type { Failure } from '../server/src/kernel/failure.ts'
import { makePostgres, type Postgres } from './kit/postgres.ts'

let postgres: Postgres
let n = 0
before(async () => {
  postgres = await makePostgres()
})
after(() => postgres.remove())

/** A database of its own with files that Innkeeper applies. */
async function world(files: Record<string, string>, table = '') {
  const name = `d${n++}`
  await postgres.sql('postgres', `create database ${name}`)
  const config = readConfigOrFail(
    `name: shop\nservices: { api: { start: node a.js } }\ndatabase: { postgres: true }\nmigrations: { tool: sql, folder: db${table} }\n`,
  )
  const said: string[] = []
  return {
    name,
    files,
    said,
    sql: (text: string) => postgres.sql(name, text),
    /** `sleep`: what happens while it waits for the next try. */
    go: (limits: Limits | null = null, sleep: () => Promise<unknown> = async () => {}) =>
      withDatabase(postgres.url('postgres', name), query =>
        migrate({
          limits,
          guard: null,
          sleep: async () => void (await sleep()),
          serves: 'before',
          config,
          query,
          source: {
            text: async path => files[path.replace('db/', '')] ?? null,
            has: async () => false,
            names: async folder => (folder === 'db' ? Object.keys(files) : null),
          },
          run: () => assert.fail('there is no command'),
          blockers: async () => [],
          tried: [],
          remember: async () => {},
          say: line => void said.push(line),
        }),
      ),
  }
}

async function refused(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => assert.fail('it went well'),
    (reason: unknown) => reason,
  )
  return error as Failure
}

async function dump(database: string, ...args: string[]): Promise<string> {
  const { bin } = await newestMajor()
  const argv = ['--no-owner', ...args, '-d', postgres.url('postgres', database)]
  return (await promisify(execFile)(join(bin, 'pg_dump'), argv)).stdout
}

test('on a server whose roles are not ours each file has the limits, whatever the one before it set', async () => {
  const limits = (lock: string, statement: string) =>
    `do $$ begin if (current_setting('lock_timeout'), current_setting('statement_timeout')) <> ('${lock}', '${statement}')
       then raise 'no limit: %', current_setting('lock_timeout'); end if; end $$;`
  const files = {
    '1.sql': `${limits('2s', '9s')} set lock_timeout = 0; set statement_timeout = 0`,
    '2.sql': limits('2s', '9s'),
  }
  const { go } = await world(files)
  assert.deepEqual((await go({ lockMs: 2_000, statementMs: 9_000 })).applied, ['1.sql', '2.sql'])
})

test('a first migration that pg_dump made leaves the next ones and the records as they would be without it', async () => {
  const old = await world({})
  await old.sql('create table guest (id int primary key, name text)')
  await old.sql(`insert into guest values (1, 'anna')`)
  const files = {
    '1.sql': await dump(old.name, '--schema-only'),
    '2.sql': 'create table room (id int); insert into guest values (2)',
    '3.sql': `do $$ begin if current_setting('lock_timeout') = '0' then raise 'no limit'; end if; end $$`,
  }
  const { go, sql, name } = await world(files)
  await sql(`alter database ${name} set lock_timeout = '7s'`)
  assert.deepEqual((await go()).applied, ['1.sql', '2.sql', '3.sql'])
  assert.deepEqual(await sql(`select 'room'::regclass::text`), ['room'])
  assert.deepEqual((await go()).applied, [])
  const whole = await world({ '1.sql': await dump(old.name, '--inserts'), '2.sql': 'create table room ()' })
  await whole.go()
  assert.deepEqual(await whole.sql('select name from guest'), ['anna'])
  const rows = await refused((await world({ '1.sql': await dump(old.name) })).go())
  assert.match(rows.why, /copy … from stdin.*nothing of it was run/)
})

test('what PostgreSQL refuses inside of a transaction runs outside of one, whatever stands beside it', async () => {
  const { go, sql, said } = await world({
    '1.sql': `create table t (a int); create type mood as enum ('ok');`,
    '2.sql': `-- an index\ncreate index concurrently i on t (a);\nvacuum t; alter table t add b text default ';';`,
    '3.sql': `alter type mood add value 'glad'; create table u (m mood default 'glad')`,
    '4.sql': `create procedure twice() language plpgsql as $$ begin insert into t values (1); commit; end $$; call twice()`,
    '5.sql': `begin;\nreindex (concurrently) index i;\ncommit;`,
    '6.sql': `-- no-transaction\ndrop index concurrently i; create table v ()`,
  })
  await go()
  assert.match(said.at(-5)!, /2\.sql, its 3 statements outside of one transaction$/)
  assert.deepEqual(await sql('select count(*) from t'), ['1'])
  assert.deepEqual(await sql('select count(*) from public.schema_migrations'), ['6'])
  assert.deepEqual((await go()).applied, [])
})

test('of a file that fails outside of a transaction it is said which statements stay, and which line is at fault', async () => {
  const { go, sql } = await world({
    '1.sql':
      'create table t (a int);\ncreate index concurrently i on t (a);\n\nalter table nowhere add b int;\nvacuum',
  })
  const failure = await refused(go())
  assert.match(
    failure.why,
    /^statement 3 of 4, line 4: relation "nowhere" does not exist; statements 1 and 2 of the file were applied and stay/,
  )
  assert.match(failure.fix, /if not exists/)
  assert.deepEqual(failure.facts['statements'], { kept: [1, 2], failed: 3, of: 4 })
  assert.deepEqual(await sql('select count(*) from schema_migrations'), ['0'])
})

test('"rolled back" is true also of a file with a begin and commit of its own', async () => {
  const own = await world({ '1.sql': 'begin;\ncreate table a ();\nselect nothing;\ncommit;' })
  const failure = await refused(own.go())
  assert.match(failure.why, /^line 3: column "nothing" does not exist; it was rolled back\n/)
  assert.deepEqual(await own.sql(`select to_regclass('a')`), ['null'])
  const two = await world({
    '1.sql': 'begin; create table a (); commit; begin; create table b (); select nothing; commit;',
  })
  const half = await refused(two.go())
  assert.doesNotMatch(half.why, /rolled back/)
  assert.match(half.why, /statement 2 of the file was applied and stays/)
  assert.deepEqual(await two.sql(`select to_regclass('a')`), ['a'])
  assert.deepEqual(await two.sql(`select to_regclass('b')`), ['null'])
  const open = await world({ '1.sql': 'begin; create table a ()' })
  assert.match((await refused(open.go())).why, /never commits/)
})

test('another table, in a schema of its own; a file that was changed since it was applied is told', async () => {
  const { go, sql, files, said } = await world({ '1.sql': 'create table a ()' }, ', table: ops.applied')
  await go()
  assert.deepEqual(await sql('select name from ops.applied'), ['1.sql'])
  files['1.sql'] += ' -- edited'
  assert.deepEqual((await go()).edited, ['1.sql'])
  assert.match(said.at(-1)!, /changed since it was applied, and not run again: 1\.sql/)
})

test('an index that was not built to its end is named, until it is gone', async () => {
  const { go, sql, files } = await world({
    '1.sql': 'create table t (a int); insert into t values (1), (1)',
    '2.sql': 'create unique index concurrently if not exists i on t (a)',
  })
  const failure = await refused(go())
  assert.match(failure.why, /could not create unique index "i"/)
  assert.match(failure.why, /public\.i is an invalid index/)
  assert.deepEqual((await go()).invalid, ['public.i'], 'PostgreSQL skips it with a notice')
  files['3.sql'] = 'drop index i; delete from t; create unique index concurrently i on t (a)'
  assert.deepEqual((await go()).invalid, [])
  assert.deepEqual(await sql('select count(*) from pg_index where not indisvalid'), ['0'])
})

test('a lock that goes while it waits for the next try: what was applied before is not applied again', async () => {
  const one = await world({
    '1.sql': 'create table room (id int)',
    '2.sql': 'alter table held add column floor int',
    '3.sql': 'create table bed (id int)',
  })
  await one.sql('create table held (id int)')
  await withDatabase(postgres.url('postgres', one.name), async holder => {
    await holder('begin')
    await holder('lock table held')
    const tries: number[] = []
    const { applied } = await one.go({ lockMs: 200, statementMs: 5_000 }, async () => {
      tries.push(1)
      if (tries.length === 2) await holder('commit')
    })
    assert.deepEqual([applied, tries.length], [['1.sql', '2.sql', '3.sql'], 2])
    assert.equal(one.said.filter(line => line.startsWith('applied: 1.sql')).length, 1)
    assert.ok(
      one.said.includes('a lock did not come in time, and nothing is left of it: try 2 of 3 in 2 s'),
      one.said.join('\n'),
    )
  })
})
