import assert from 'node:assert/strict'
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RetentionCounts, RetentionList } from '../server/src/data/retention/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { keeperRows, sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-keep'
const DB = 't_keep'
/** Rules run in this test when they are told to. */
const NEVER = '"0 0 29 2 *"'

const TABLES = `create type mood as enum ('fine', 'o''k');
create domain short as text check (length(value) < 20);
create table booking (
  id bigint generated always as identity primary key, created_at timestamptz not null default now(), likes jsonb,
  "Odd Name" text not null, loud text generated always as (upper("Odd Name")) stored, stay tstzrange, tags text[],
  code char(6), photo bytea, price numeric(9, 3), ratio float8, at point, mood mood, nothing text, empty text default '',
  words tsvector, net inet, took interval, said short, raw json
);
create table log (n int not null, day date not null, text text, primary key (n, day)) partition by range (day);
create table log_2020 partition of log for values from ('2020-01-01') to ('2021-01-01');
create table log_later partition of log for values from ('2021-01-01') to ('2100-01-01');
create table company (id int primary key, deleted_at timestamptz, name text);
create table contract (id int primary key, company_id int not null references company (id));
create table line (id int primary key, contract_id int not null references contract (id) on delete cascade);
create table token (hash char(8) primary key, revoked boolean not null);
create table token_use (id int primary key, hash char(8) not null references token (hash) on delete cascade);
create table person (id int primary key, created_at timestamptz not null, email text not null unique, note text, born date,
  seen jsonb);
create table loose (created_at timestamptz);
create table item (id int primary key, created_at timestamptz not null, text text);
`

const rule = (name: string, text: string) => `  ${name}: { ${text}, schedule: ${NEVER} }\n`
const RULES = `retention:
${rule('old-bookings', 'table: booking, olderThan: 365d, do: archive, batch: 200')}${rule('old-log', 'table: log, olderThan: 730d, by: day, do: archive')}${rule('gone-companies', 'table: company, olderThan: 30d, by: deleted_at, do: archive')}${rule('gone-contracts', `table: contract, where: "company_id in (select id from company where deleted_at < now() - interval '30 days')", do: archive`)}${rule('gone-lines', 'table: line, where: "contract_id % 2 = 0", do: archive')}${rule('revoked', 'table: token, where: revoked, do: delete')}${rule('former', 'table: person, olderThan: 365d, do: { anonymise: { email: email, note: empty, born: date, seen: null } }')}${rule('items', 'table: item, olderThan: 365d, do: archive, batch: 25')}`
const MORE = `database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n`

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE + RULES),
    'server.js': serverJs('v1'),
    'db/001.sql': TABLES,
  })
  good(await app.deploy())
})
after(() => server?.remove())

const ask = (text: string) => sql(server, DB, text)
const counts = async () =>
  ((await server.inn(['retention', 'plan', NAME])).json as unknown as RetentionCounts).rules
const listed = async () => (await server.inn(['retention', 'list', NAME])).json as unknown as RetentionList
const run = (name: string) => server.inn(['retention', 'run', NAME, name])
const archivesOf = async (name: string) => (await listed()).archives.filter(one => one.rule === name)
const receiptOf = async (name: string) => (await listed()).receipts.find(one => one.rule === name)!
/** Also while the keeper is coming back. */
const last = (name: string) => receiptOf(name).catch(() => null)
const restore = (id: string, ...more: string[]) => server.inn(['retention', 'restore', NAME, id, ...more])

/** All values of all rows, as one text. */
const digest = async (table: string) =>
  (await ask(`select md5(string_agg(t::text, '|' order by t::text)) from ${table} t`))[0]

const items = (from: number, to: number) =>
  ask(
    `insert into item select n, now() - interval '2 years', 'item ' || n from generate_series(${from}, ${to}) n`,
  )

const present = async () => (await ask('select id from item order by id')).map(Number)

/** The ids in all archives of the rule `items`, brought into tables beside and read there. */
async function archivedItems(): Promise<number[]> {
  const all: number[] = []
  for (const [n, { id }] of (await archivesOf('items')).entries()) {
    const copy = `back_${n}_${Date.now().toString(36)}`
    good(await restore(id, '--copy', copy))
    all.push(...(await ask(`select id from ${copy}`)).map(Number))
  }
  return all.sort((a, b) => a - b)
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

test('rows of every type are archived, deleted, and come back exactly', async () => {
  await ask(`insert into booking (created_at, likes, "Odd Name", stay, tags, code, photo, price, ratio, at, mood, words, net, took, said, raw)
    select now() - interval '2 years', '{"soup": true, "a": [1, 2.50]}', E'guest "' || n || E'"\\\\n\\t\\n\\u2028\\r', '[2026-01-01,2026-01-02)',
      array['a,b', null, E'\\\\N'], 'ab', '\\xdeadbeef00', 12.5, 0.1 + 0.2, '(1, 0.1)', 'o''k', 'a:1 b:2', '10.0.0.1/8',
      '1 mon 2 days 00:00:00.000001', 'short', '{"b":  1, "b": 2}'
    from generate_series(1, 450) n`)
  await ask(`insert into booking ("Odd Name") values ('new')`)
  const before = await digest('booking')
  const found = (await counts()).find(one => one.rule === 'old-bookings')!
  assert.deepEqual([found.rows, found.kept, found.problem], [450, 0, null])
  good(await run('old-bookings'))
  assert.deepEqual(await ask('select "Odd Name" from booking'), ['new'])
  const receipt = await receiptOf('old-bookings')
  assert.deepEqual([receipt.state, receipt.rows, receipt.kept, receipt.left], ['done', 450, 0, 0])
  const [archive] = await archivesOf('old-bookings')
  assert.equal(archive!.rows, 450)
  good(await restore(archive!.id))
  assert.equal(await digest('booking'), before)
  good(await restore(archive!.id, '--copy', 'as_it_was'))
  assert.deepEqual(await ask('select count(*) from as_it_was'), ['450'])
  failureOf(await restore(archive!.id, '--copy', 'as_it_was'), 'table.taken')
  // What another run made is not taken back with one that failed.
  assert.deepEqual(await ask('select count(*) from as_it_was'), ['450'])
  // Once more changes nothing.
  good(await restore(archive!.id))
  assert.equal(await digest('booking'), before)
})

test('rows of partitions go, and come back into theirs', async () => {
  await ask(`insert into log select n, '2020-05-01'::date + n, 'x' from generate_series(1, 20) n`)
  await ask(`insert into log values (1, current_date, 'new')`)
  const before = await digest('log')
  good(await run('old-log'))
  assert.deepEqual(await ask('select count(*) from log'), ['1'])
  good(await restore((await archivesOf('old-log'))[0]!.id))
  assert.equal(await digest('log'), before)
  assert.deepEqual(await ask('select count(*) from log_2020'), ['20'])
})

test('children go first; what others refer to stays, is counted, and goes when they are gone', async () => {
  await ask(`insert into company select n, now() - interval '60 days', 'c' from generate_series(1, 4) n`)
  await ask(`insert into company values (5, now() - interval '2 days', 'undo window'), (6, null, 'there')`)
  await ask(`insert into contract select n, n from generate_series(1, 6) n`)
  await ask(`insert into line select n, n from generate_series(2, 3) n`)
  const ended = await server.inn(['retention', 'run', NAME])
  good(ended)
  // The line of contract 3 has no rule, and an archive takes nothing along that is not in it.
  assert.deepEqual(await ask('select id from company order by id'), ['3', '5', '6'])
  assert.deepEqual(await ask('select id from contract order by id'), ['3', '5', '6'])
  assert.deepEqual(await ask('select id from line'), ['3'])
  assert.deepEqual(
    [(await receiptOf('gone-companies')).kept, (await receiptOf('gone-contracts')).kept],
    [1, 1],
  )
  const order = (await listed()).receipts.filter(one => one.run === ended.json.run).map(one => one.rule)
  assert.ok(order.indexOf('gone-contracts') > order.indexOf('gone-companies'), 'newest first')
})

test('what is deleted takes along what the schema says; what is anonymised is so once', async () => {
  await ask(`insert into token values ('a', true), ('b', false)`)
  await ask(`insert into token_use values (1, 'a'), (2, 'b')`)
  good(await run('revoked'))
  assert.deepEqual(await ask('select hash from token'), ['b       '])
  assert.deepEqual(await ask('select id from token_use'), ['2'])
  await ask(`insert into person select n, now() - interval '2 years', 'p' || n || '@mail.example', 'likes soup', '1980-05-06', '{"a":1}'
    from generate_series(1, 30) n`)
  good(await run('former'))
  assert.equal((await receiptOf('former')).rows, 30)
  assert.deepEqual(await ask(`select distinct note || '|' || born || '|' || (seen is null) from person`), [
    '|1980-01-01|true',
  ])
  assert.deepEqual(
    await ask(`select count(distinct email) from person where email ~ '^user-.*@example.com$'`),
    ['30'],
  )
  good(await run('former'))
  assert.equal((await receiptOf('former')).rows, 0)
})

test('killed between archive and delete, and in the middle of it: nothing is lost, nothing is there twice', async () => {
  await items(1, 600)
  const pending = server.begin(['retention', 'run', NAME, 'items'])
  const states = () => keeperRows(server, `select state from retention_archive where rule = 'items'`)
  for (const end = Date.now() + 30_000; states()[0]?.['state'] !== 'kept'; await sleep(5))
    assert.ok(Date.now() < end, 'no archive')
  await server.killKeeper()
  // Undeleted, and changed, while nobody was there.
  await ask(`update item set created_at = now() where id = 590`)
  for (const end = Date.now() + 30_000; (await present()).length > 300; await sleep(20))
    assert.ok(Date.now() < end, 'it does not go on')
  await server.killKeeper()
  await pending.ended
  // A run at which the keeper died twice is taken back, and that is told.
  for (const end = Date.now() + 90_000; (await last('items'))?.state !== 'failed'; await sleep(300))
    assert.ok(Date.now() < end, 'nobody says that it broke off')
  good(await run('items'))
  assert.deepEqual(await present(), [590])
  assert.deepEqual(
    await archivedItems(),
    upTo(600).filter(n => n !== 590),
  )
})

test('killed while it is being kept: nothing was deleted, and the next run begins anew', async () => {
  await ask('delete from item')
  const known = (await archivesOf('items')).length
  await items(1001, 1100)
  const pending = server.begin(['retention', 'run', NAME, 'items'])
  const taking = () =>
    keeperRows(server, `select id from retention_archive where rule = 'items' and state = 'taking'`)
  for (const end = Date.now() + 30_000; taking().length === 0; await sleep(2))
    assert.ok(Date.now() < end, 'no archive')
  const [{ id } = {}] = taking()
  await server.killKeeper()
  await pending.ended
  for (const end = Date.now() + 60_000; (await present()).length > 0; await sleep(200))
    assert.ok(Date.now() < end, 'it does not go on')
  for (const end = Date.now() + 60_000; (await archivesOf('items'))[0]?.state !== 'done'; await sleep(200))
    assert.ok(Date.now() < end, 'it does not end')
  const made = (await archivesOf('items')).slice(0, -known)
  assert.deepEqual(
    made.map(one => one.rows),
    [100],
  )
  assert.notEqual(made[0]!.id, id)
})

test('rows that come while it runs are archived whole or stay', async () => {
  const known = new Set(await archivedItems())
  await items(2001, 2300)
  const pending = server.begin(['retention', 'run', NAME, 'items'])
  let next = 2301
  let on = true
  const growing = (async () => {
    for (; on && next < 2_800; next += 10, await sleep(30)) await items(next, next + 9)
  })()
  await pending.ended
  on = false
  await growing
  const archived = (await archivedItems()).filter(id => !known.has(id))
  const all = [...archived, ...(await present())].sort((a, b) => a - b)
  assert.deepEqual(
    all,
    Array.from({ length: next - 2001 }, (_, i) => 2001 + i),
  )
})

test('a place that is away or does not take it: nothing is deleted, and it is told', async () => {
  await ask('delete from item')
  await items(9001, 9050)
  const archives = join(server.home, 'backups', 'archive')
  await rename(archives, `${archives}.away`)
  await writeFile(archives, 'no folder')
  const failure = failureOf(await run('items'), 'retention.failed')
  assert.match(failure.why, /^items: /)
  assert.equal((await present()).length, 50)
  assert.equal((await receiptOf('items')).state, 'failed')
  const { alarms } = (await server.status()) as unknown as { alarms: Array<{ code: string; name?: string }> }
  assert.ok(alarms.some(one => one.code === 'retention.failing' && one.name === 'items'))
  await chmod(archives, 0o600)
  await rename(archives, `${archives}.file`)
  await rename(`${archives}.away`, archives)
  good(await run('items'))
  assert.deepEqual(await present(), [])
})

test('a lock of an idle transaction: it waits within its bound, and says who', async () => {
  await items(9101, 9110)
  const [pid] = await ask('select pg_backend_pid()')
  assert.ok(pid)
  const holding = ask(`select from item where id = 9105 for update; select pg_sleep(75)`).catch(() => [])
  await sleep(500)
  const failure = failureOf(await run('items'), 'retention.failed')
  assert.match(failure.why, /locked by somebody else.*session \d+ of innkeeper/s)
  assert.equal((await present()).length, 10)
  await holding
  good(await run('items'))
  assert.deepEqual(await present(), [])
})

test('a deploy does not wait for it, and it goes on afterwards', async () => {
  await items(20_001, 22_000)
  const pending = server.begin(['retention', 'run', NAME, 'items'])
  for (const end = Date.now() + 30_000; (await present()).length === 2_000; await sleep(20))
    assert.ok(Date.now() < end, 'it does not begin')
  good(await server.inn(['restart', NAME]))
  assert.equal((await pending.ended).json.outcome, 'undone')
  assert.equal((await receiptOf('items')).state, 'stopped')
  assert.ok((await present()).length > 0)
  good(await run('items'))
  assert.deepEqual(await present(), [])
})

test('rules that cannot be carried out say why, and no other waits for them', async () => {
  const with_ = (more: string) => app.write({ 'innkeeper.yaml': yaml(NAME, MORE + RULES + more) })
  await with_(
    rule('loose', 'table: loose, olderThan: 1d, do: delete') +
      rule('lost', 'table: gests, olderThan: 1d, do: delete') +
      rule('typo', 'table: item, where: nonsense > 1, do: delete'),
  )
  good(await app.deploy())
  const found = await counts()
  const problem = (name: string) => found.find(one => one.rule === name)!.problem ?? ''
  assert.match(problem('loose'), /no primary key/)
  assert.match(problem('lost'), /there is no table gests/)
  assert.match(problem('typo'), /nonsense/)
  await ask(`insert into token values ('c', true)`)
  const failure = failureOf(await server.inn(['retention', 'run', NAME]), 'retention.failed')
  assert.match(failure.what, /3 rules/)
  assert.deepEqual(await ask('select hash from token'), ['b       '])
  failureOf(await run('itms'), 'retention.unknown')
  failureOf(await restore('nothing'), 'retention.archive')
})

test('an archive that was kept as long as its rule says goes from its place, and cannot come back', async () => {
  await ask(`insert into company values (50, now() - interval '60 days', 'old')`)
  good(await run('gone-companies'))
  const { id } = (await archivesOf('gone-companies'))[0]!
  await app.write({
    'innkeeper.yaml': yaml(NAME, MORE + RULES.replace('by: deleted_at', 'by: deleted_at, keep: 10d')),
  })
  good(await app.deploy())
  const store = new DatabaseSync(join(server.home, 'keeper.db'))
  store.prepare('update retention_archive set at = at - ? where id = ?').run(11 * 86_400_000, id)
  store.close()
  good(await run('gone-companies'))
  assert.ok(!(await archivesOf('gone-companies')).some(one => one.id === id))
  failureOf(await restore(id), 'retention.unfinished')
})

for (const [example, folder] of [
  ['catering', 'drizzle'],
  ['events', 'prisma/migrations'],
] as const)
  test(`the rules of the example ${example} fit its tables`, async () => {
    const root = join(import.meta.dirname, '../examples', example)
    const files = (await readdir(join(root, folder), { recursive: true }))
      .filter(one => one.endsWith('.sql'))
      .sort()
    const text = await Promise.all(files.map(one => readFile(join(root, folder, one), 'utf8')))
    const rules = /^retention:\n(?: .*\n)+/m.exec(await readFile(join(root, 'innkeeper.yaml'), 'utf8'))![0]
    const name = `t-${example}`
    const there = await makeApp(server, name, {
      'innkeeper.yaml': yaml(name, MORE + rules),
      'server.js': serverJs('v1'),
      'db/001.sql': text.join('\n'),
    })
    good(await there.deploy())
    const found = (await server.inn(['retention', 'plan', name])).json as unknown as RetentionCounts
    assert.ok(found.rules.length >= 4)
    assert.deepEqual(
      found.rules.flatMap(({ problem }) => problem ?? []),
      [],
    )
    good(await server.inn(['retention', 'run', name]))
  })
