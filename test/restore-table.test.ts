import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CopyView } from '../server/src/data/copies/wire.ts'
import type { TableDifference } from '../server/src/data/restores/wire.ts'
import { withDatabase } from '../server/src/drivers/postgres/connect.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { firstPoint, moment, sql } from './kit/data.ts'
import { killAt } from './kit/killer.ts'
import { failureOf, good } from './kit/proof.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'
import { CALM_MS, type Visitors, visit } from './kit/visitors.ts'

const NAME = 't-rows'
const DB = 't_rows'
const MORE = `database: { postgres: true }
migrations: { tool: sql, folder: db }
`
const TABLES = `create type mood as enum ('fine', 'o''k');
create table room (id int generated always as identity primary key, name text not null);
insert into room (name) select 'room ' || n from generate_series(1, 10) n;
create table guest (
  id serial primary key, room_id int not null references room (id), likes jsonb, came timestamptz not null default now(),
  "Odd Name" text not null, loud text generated always as (upper("Odd Name")) stored, stay tstzrange, tags text[],
  code char(6), photo bytea, price numeric(9, 3), at point, mood mood
);
insert into guest (room_id, likes, "Odd Name", stay, tags, code, photo, price, at, mood)
  select 1 + n % 10, '{"soup": true, "a": [1, 2.50]}', E'guest "' || n || E'"\\n', '[2026-01-01,2026-01-02)', array['a,b', null],
    'ab', '\\xdeadbeef00', 12.5, '(1, 0.1)', 'o''k'
    from generate_series(1, 50) n;
create table extra (id int primary key, guest_id int not null references guest (id) on delete cascade);
insert into extra select n, n from generate_series(1, 50) n;
create table bill (
  id serial primary key, guest_id int not null references guest (id), line text not null default 'soup' check (line <> ''),
  at int generated always as identity, loud text generated always as (upper(line)) stored, unique (line, guest_id)
);
create index bill_line on bill (line);
comment on table bill is 'what they ate';
insert into bill (guest_id) select n from generate_series(21, 29) n;
create table note (line text);
insert into note values ('a'), ('a'), (null);
`

let server: Server
let visitors: Visitors
/** Before anything was lost. */
let then: string

before(async () => {
  server = await makeServer({ backups: true })
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE),
    'server.js': serverJs('v1'),
    'db/001.sql': TABLES,
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
  await firstPoint(server)
  then = await moment(server)
  await lose()
  visitors = visit(`${(await server.app(NAME)).url}/`, { pauseMs: CALM_MS })
})

after(async () => {
  await visitors?.leave()
  await server?.remove()
})

/** Five guests of the first room go with it, two are changed, three come. */
const lose = () =>
  sql(
    server,
    DB,
    `delete from guest where room_id = 1; delete from room where id = 1;
     update guest set "Odd Name" = 'changed' where id = 21; update guest set likes = null where id = 22;
     insert into guest (room_id, "Odd Name") select 2, 'new' from generate_series(1, 3)`,
  )

const table = (names: string, ...args: string[]) =>
  server.inn(['restore', NAME, '--table', names, '--to', then, ...args])
const rows = (text: string) => sql(server, DB, text)
const SAME = `select count(*) from "Guests then" t join guest g using (id) where t::text = g::text`
const differences = (ended: Ended) => ended.json['tables'] as TableDifference[]

async function nothingLeft(): Promise<void> {
  assert.deepEqual(await rows(`select nspname from pg_namespace where nspname like 'innkeeper%'`), [])
  const parts = (await server.status()).parts.map(part => part.name)
  assert.deepEqual(
    parts.filter(name => name.includes('.copy-')),
    [],
  )
  assert.deepEqual(await readdir(join(server.home, 'postgres/copy', NAME)), [])
}

test('what differs is shown, with counts and a sample, and nothing changes', async () => {
  const ended = await table('guest,note')
  good(ended)
  const [guest, note, extra] = differences(ended)
  assert.deepEqual(
    [extra!.table, extra!.goesWith, extra!.differ],
    ['extra', 'guest', { onlyThere: 5, onlyHere: 0, changed: 0 }],
    'what went with them',
  )
  assert.deepEqual(
    [guest!.there, guest!.here, guest!.differ],
    [50, 48, { onlyThere: 5, onlyHere: 3, changed: 2 }],
  )
  const [first] = guest!.samples.onlyThere
  assert.deepEqual(
    [first!['id'], first!['Odd Name'], first!['loud'], first!['likes'], first!['tags']],
    ['10', 'guest "10"\n', 'GUEST "10"\n', '{"a": [1, 2.50], "soup": true}', '{"a,b",NULL}'],
  )
  assert.deepEqual(guest!.samples.changed, [
    { key: { id: '21' }, columns: [{ name: 'Odd Name', there: 'guest "21"\n', here: 'changed' }] },
    { key: { id: '22' }, columns: [{ name: 'likes', there: '{"a": [1, 2.50], "soup": true}', here: null }] },
  ])
  assert.deepEqual([note!.alike, note!.key], [true, null], 'without a key, as a whole')
  const told = ended.json.steps!.map(step => step.note).join()
  assert.doesNotMatch(told, /Odd|soup/, 'no row of the app is in the journal')
  await nothingLeft()
})

test('what cannot be brought back is said, with the table that would help', async () => {
  const orphans = await table('guest', '--merge')
  assert.equal(orphans.json.outcome, 'undone', orphans.text)
  const failure = failureOf(orphans, 'table.parent')
  assert.match(failure.fix, /--table guest,room --merge/)
  assert.deepEqual(await rows('select count(*) from guest'), ['48'])
  await nothingLeft()
  failureOf(await table('note', '--merge'), 'table.no-key')
  failureOf(await table('guest', '--copy', 'room'), 'table.taken')
  failureOf(await table('guest,room', '--csv', '/tmp/no.csv'), 'usage.table')
  failureOf(await table('guest', '--merge', '--copy', 'other'), 'usage.table')
  failureOf(await server.inn(['restore', NAME, '--merge', '--to', then]), 'usage.restore')
})

test('the rows as they were become a table, and a file', async () => {
  const copied = await table('guest', '--copy', 'Guests then')
  good(copied)
  assert.deepEqual(
    await rows(
      `select count(*) || tableowner from "Guests then", pg_tables where tablename = 'Guests then' group by tableowner`,
    ),
    ['50t_rows_owner'],
  )
  assert.deepEqual(await rows(SAME), ['43'], 'every type')
  const file = join(server.home, 'guests.csv')
  const written = await table('guest', '--csv', file)
  good(written)
  const text = await readFile(file, 'utf8')
  assert.match(text, /^id,room_id,likes,came,Odd Name,loud,stay,tags,code,photo,price,at,mood\n/)
  assert.ok(text.includes(`\n10,1,"{""a"": [1, 2.50], ""soup"": true}",`), text.slice(0, 400))
  assert.equal(text.match(/"guest ""\d+""\n"/g)?.length, 50, 'a line break stays in its value')
  await nothingLeft()
})

test('missing rows come back with their parents, whenever the keeper is killed; others stay, and no number is drawn twice', async () => {
  await sql(
    server,
    DB,
    `alter sequence guest_id_seq restart with 5;
     create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.3); return new; end';
     create trigger slow before insert on guest for each row execute function slow();
     create schema stays; create table stays.audit_log (what text);
     create function audit() returns trigger language plpgsql as
       'begin insert into audit_log values (new.name); return new; end';
     create trigger audit after insert on room for each row execute function audit();
     grant usage on schema stays to t_rows_owner; grant insert on stays.audit_log to t_rows_owner;
     alter role t_rows_app in database t_rows set search_path = public, stays`,
  )
  const killer = killAt(server, NAME, m =>
    ['steps.3.running', 'steps.5.running', 'cleanup.0.running'].includes(m),
  )
  const ended = await table('guest,room', '--merge').finally(killer.stop)
  good(ended)
  assert.ok(killer.killed.includes('steps.5.running'), `killed at ${killer.killed.join()}`)
  await sql(server, DB, 'drop trigger slow on guest; drop trigger audit on room')
  assert.deepEqual(await rows('select what from stays.audit_log'), ['room 1'], 'a trigger finds its table')
  assert.match(ended.text, /room: 1 row came back; guest: 5 rows came back/)
  assert.deepEqual(await rows('select count(*) from guest'), ['53'])
  assert.deepEqual(await rows('select name from room where id = 1'), ['room 1'])
  assert.equal(differences(ended).find(one => one.goesWith === 'guest')?.differ?.onlyThere, 5)
  assert.deepEqual(await rows('select count(*) from extra'), ['45'], 'these were not named')
  assert.deepEqual(await rows(SAME), ['48'], 'all but the two that were changed')
  assert.deepEqual(await rows(`select "Odd Name" from guest where id in (21, 51) order by id`), [
    'changed',
    'new',
  ])
  assert.deepEqual(await rows(`insert into guest (room_id, "Odd Name") values (1, 'next') returning id`), [
    '54',
  ])
  await nothingLeft()
})

test('a table that was dropped comes back as a table', async () => {
  const at = await moment(server)
  await sql(server, DB, 'drop table note')
  const order = ['restore', NAME, '--to', at, '--table', 'note']
  failureOf(await server.inn([...order, '--merge']), 'table.gone')
  const ended = await server.inn([...order, '--copy', 'note'])
  good(ended)
  assert.equal(differences(ended)[0]!.here, null)
  assert.deepEqual(await rows('select line from note order by 1'), ['a', 'a', 'null'])
})

/** How PostgreSQL describes a table: its columns, constraints and indexes. */
const DEFINED = `
  select concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = 'bill'::regclass and attnum > 0
  union all select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'bill'::regclass
  union all select indexdef from pg_indexes where tablename = 'bill'
  union all select obj_description('bill'::regclass)
  union all select tableowner from pg_tables where tablename = 'bill'
  union all select 'the app reads: ' || has_table_privilege('t_rows_app', 'bill', 'select, insert') order by 1`

test('a dropped table that gets its name back is as it was: defaults, keys, indexes and numbers', async () => {
  const defined = await rows(DEFINED)
  assert.ok(defined.some(line => line.startsWith('FOREIGN KEY')))
  const at = await moment(server)
  await sql(server, DB, 'drop table bill')
  const order = ['restore', NAME, '--to', at, '--table', 'bill']
  good(await server.inn([...order, '--copy', 'bill']))
  assert.deepEqual(await rows(DEFINED), defined)
  assert.deepEqual(await rows('insert into bill (guest_id) values (31) returning id || loud || at'), [
    '10SOUP10',
  ])
  await nothingLeft()
  await sql(server, DB, 'drop table bill; delete from extra; delete from guest where id = 25')
  const parents = await server.inn([...order, '--copy', 'bill'])
  assert.match(failureOf(parents, 'table.copy').fix, /bring back first what it refers to/)
  assert.deepEqual(await rows(`select to_regclass('bill')`), ['null'])
  good(await server.inn([...order, '--copy', 'bill_then']))
  assert.deepEqual(await rows('select count(*) from bill_then'), ['9'])
  await nothingLeft()
})

const copies = () => server.client.get<CopyView[]>('/api/copies')

/** Segments at the place of another timeline than the cluster's own. */
async function strangers(): Promise<string[]> {
  const all = await readdir(join(server.home, 'backups'), { recursive: true })
  return all.filter(path => /\/archive\/.*\/0000000[2-9]/.test(`/${path}`))
}

test('a copy to look at has an address, archives nothing, and stays until it is removed', async () => {
  const ended = await server.inn(['restore', NAME, '--into', 'look', '--to', then])
  good(ended)
  const copy = ended.json['copy'] as CopyView
  assert.ok(Math.abs(Date.parse(copy.until!) - Date.now() - 86_400_000) < 60_000, 'for a day')
  const count = await withDatabase(copy.addresses!.app, query =>
    query('select count(*)::int as n from guest'),
  )
  assert.deepEqual(count, [{ n: 50 }])
  await withDatabase(copy.addresses!.owner, query => query('create table mine as select * from guest'))
  const root = new URL(copy.addresses!.app)
  root.username = 'innkeeper'
  root.password = (await readFile(join(server.home, 'postgres', NAME, 'password'), 'utf8')).trim()
  const shown = await withDatabase(root.href, async query => {
    await query('select pg_switch_wal()')
    await query('create table more as select * from mine')
    await query('select pg_switch_wal()')
    await sleep(1_000)
    return query(
      `select current_setting('archive_mode') as mode, current_setting('listen_addresses') as at, archived_count::int as kept from pg_stat_archiver`,
    )
  })
  assert.deepEqual(shown, [{ mode: 'off', at: '127.0.0.1', kept: 0 }])
  assert.deepEqual(await strangers(), [])
  failureOf(await server.inn(['restore', NAME, '--into', 'look', '--to', then]), 'copy.taken')
  failureOf(await server.inn(['restore', NAME, '--into', 'Look at it', '--to', then]), 'copy.name')
  const listed = await server.inn(['copies'])
  assert.deepEqual(
    (listed.json as unknown as CopyView[]).map(c => [c.name, c.app]),
    [['look', NAME]],
  )
  good(await server.inn(['copies', 'remove', 'look']))
  assert.deepEqual(await copies(), [])
  await nothingLeft()
})

test('a copy goes by itself, also when the keeper is killed; and the visitors of all this noticed nothing', async () => {
  good(await server.inn(['restore', NAME, '--into', 'brief', '--to', then, '--for', '3s']))
  assert.equal((await copies()).length, 1)
  await server.killKeeper()
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(300))
    if ((await copies().catch(() => [null])).length === 0) break
  assert.deepEqual(await copies(), [])
  await nothingLeft()
  await visitors.leave()
  assert.deepEqual(visitors.seen.failures, [])
})
