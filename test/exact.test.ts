import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { exec } from '../server/src/drivers/host/exec.ts'
import { majorOf } from '../server/src/drivers/postgres/create.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, clusterOf, firstPoint, moment, sql } from './kit/data.ts'
import { emptied } from './kit/lost.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-exact'
const DB = 't_exact'

/** What an app can make as the owner of its database. */
const OWN = `
create extension citext; create extension hstore; create extension pg_trgm; create extension "uuid-ossp";
create schema billing;
comment on schema billing is 'what is owed';
create type mood as enum ('fine', 'sad');
create type place as (street text, number int);
create domain positive as int check (value > 0);
create type span as range (subtype = timestamptz);
create table setting (key text primary key, most int not null);
insert into setting values ('guests', 100);
create function below_most(n int) returns boolean language sql as 'select n <= (select most from setting where key = ''guests'')';
create table guest (
  id int generated always as identity primary key,
  name citext not null,
  email text collate "C",
  feels mood default 'fine',
  lives place,
  stays span,
  tags hstore,
  friends text[][],
  party int constraint not_too_many check (below_most(party)),
  twice int generated always as (party * 2) stored,
  key uuid default uuid_generate_v4(),
  "odd name; --" positive
);
comment on column guest.name is 'as they say it';
insert into guest (name, email, feels, lives, stays, tags, friends, party, "odd name; --")
  select 'Guest ' || n, 'g' || n || '@example.com', case when n % 3 = 0 then 'sad'::mood else 'fine' end,
    row('Main', n)::place, span(now(), now() + interval '1 day'), hstore('n', n::text),
    array[['a', 'b'], ['c', n::text]], n % 50, n
    from generate_series(1, 200) n;
create index guest_words on guest using gin (name gin_trgm_ops);
create index guest_late on guest (email) where party > 10;
create table audit_log (at timestamptz default now(), who citext, what text);
create function noted() returns trigger language plpgsql as 'begin insert into audit_log (who, what) values (new.name, tg_op); return new; end';
create trigger guest_noted after update on guest for each row when (old.name is distinct from new.name) execute function noted();
create view together as select * from guest join audit_log on who = name;
create view by_name as select a.id, name from guest a join (select name, id as other from guest) b using (name);
create materialized view counted as select feels, count(*) from guest group by feels;
create materialized view empty_view as select 1 as one with no data;
create table stay (guest int, night date, room text, primary key (guest, night)) partition by range (night);
create table stay_2025 partition of stay for values from ('2025-01-01') to ('2026-01-01');
create table stay_2026 partition of stay for values from ('2026-01-01') to ('2027-01-01');
insert into stay select n, date '2025-06-01' + n, 'r' || n from generate_series(1, 400) n;
create table stay_old (like stay including all);
alter table stay detach partition stay_2025;
create table person (id int, name text);
create table staff (wage numeric(10, 2)) inherits (person);
insert into staff values (1, 'Anna', 12.5);
create table secret (id int, of text);
alter table secret enable row level security;
create policy own on secret using (of = current_user);
insert into secret values (1, 't_exact_app');
create table ledger (n int, note text);
insert into ledger select n, 'entry ' || n from generate_series(1, 50) n;
revoke update, delete on ledger from t_exact_app;
revoke select on guest from t_exact_app;
grant select (id, name) on guest to t_exact_app;
alter default privileges in schema billing grant select on tables to public;
create table billing.bill (guest int references guest (id) deferrable initially deferred, sum numeric);
insert into billing.bill values (1, 99.5), (2, 0);
create rule no_delete as on delete to billing.bill do instead nothing;
create sequence tickets maxvalue 3;
select nextval('tickets'), nextval('tickets'), nextval('tickets');
create unlogged table scratch (n int);
select lo_from_bytea(4711, 'a picture');
create statistics guest_stats on party, feels from guest;
create publication everything for table guest;
alter database t_exact set work_mem = '7MB';
alter database t_exact set search_path = public, billing;
analyze;
`

/** What an administrator can put there besides. */
const ADMIN = `
create extension postgres_fdw schema public;
create extension postgis schema public;
create table public.shore (id int primary key, line geography(linestring, 4326), area geometry(polygon, 3857));
insert into public.shore select n, st_geogfromtext('linestring(0 0, ' || n || ' 1)'), st_makeenvelope(0, 0, n, n, 3857) from generate_series(1, 50) n;
create index shore_area on public.shore using gist (area);
alter table public.shore owner to t_exact_owner;
create server far foreign data wrapper postgres_fdw options (host '127.0.0.1');
create foreign table public.elsewhere (n int) server far;
create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger told on ddl_command_end execute function public.on_ddl();
create subscription from_far connection 'host=127.0.0.1 port=1 dbname=x' publication p with (connect = false);
alter role t_exact_app set statement_timeout = '33s';
create unique index concurrently_failed on public.person (id);
update pg_index set indisvalid = false where indexrelid = 'concurrently_failed'::regclass;
`

let server: Server
let app: Fixture
let elsewhere: string
let whole: string
let to: string
const kit = () => join(elsewhere, 'kit.txt')

/** All that `pg_dump` knows of the database: schema, rights, rows, sequences, large objects. */
async function dumped(): Promise<string> {
  const folder = await clusterOf(server, DB)
  const text = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim()
  const bin = `/usr/lib/postgresql/${await majorOf(folder)}/bin`
  const at = ['-h', '127.0.0.1', '-p', await text('port'), '-U', 'innkeeper']
  const out = join(elsewhere, 'dump.sql')
  const done = await exec({
    argv: [join(bin, 'pg_dump'), ...at, '--create', '--quote-all-identifiers', '--file', out, DB],
    env: { PGPASSWORD: await text('password') },
    timeoutMs: 60_000,
  })
  assert.equal(done.code, 0, done.tail)
  // Some versions begin and end a dump with a word that is drawn anew each time.
  return (await readFile(out, 'utf8')).replaceAll(/^\\(un)?restrict .*$/gm, '')
}

/** What no dump has: settings, statistics, which index is valid, who may what as PostgreSQL itself says it. */
const beyond = () =>
  sql(
    server,
    DB,
    `select string_agg(line, chr(10) order by line) from (
       select 'setting ' || coalesce(d.datname, '') || ' ' || coalesce(r.rolname, '') || ' ' || s.setconfig::text as line
         from pg_db_role_setting s left join pg_database d on d.oid = setdatabase left join pg_roles r on r.oid = setrole
       union all select 'index ' || indexrelid::regclass || ' ' || indisvalid from pg_index
       union all select 'stats ' || starelid::regclass || ' ' || staattnum || ' ' || stadistinct from pg_statistic
        where starelid = 'public.guest'::regclass
       union all select 'sequence ' || last_value || ' ' || is_called from public.tickets
       union all select 'owner ' || extname || ' ' || pg_get_userbyid(extowner) from pg_extension
     ) lines`,
  )

before(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'inn-exact-'))
  await chmod(elsewhere, 0o711)
  server = await makeServer({ backups: true })
  const where = `backups: { where: { disk: { folder: ${join(elsewhere, 'backups')} } } }`
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      `database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n${where}\n`,
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': OWN,
    // Not in the same transaction: its rows have a deferred check there.
    'db/002.sql': 'alter table billing.bill add constraint enough check (sum > 0) not valid;',
  })
  good(await app.deploy())
  for (const statement of ADMIN.trim().split('\n')) await sql(server, DB, statement)
  await sql(server, DB, 'alter subscription from_far enable').catch(() => {})
  await firstPoint(server)
})

after(async () => {
  await server?.remove()
  await rm(elsewhere, { recursive: true, force: true })
})

let other: string[]

test('a moment comes back to the byte: schema, rights, rows, sequences, settings, statistics', async () => {
  whole = await dumped()
  other = await beyond()
  to = await moment(server)
  await sql(server, DB, 'drop schema billing cascade')
  await sql(server, DB, 'drop table public.guest, public.ledger cascade')
  await sql(server, DB, `grant all on public.secret to public; select lo_unlink(4711)`)
  await sql(server, DB, 'drop event trigger told; alter database t_exact reset all')
  const restored = await server.inn(['restore', NAME, '--to', to])
  good(restored)
  assert.equal(await dumped(), whole)
  assert.deepEqual(await beyond(), other)
  assert.deepEqual(await sql(server, DB, 'select subenabled from pg_subscription'), ['false'])
})

test('what was served before the restore comes back to the byte too, and what came after it is not lost', async () => {
  const later = await moment(server)
  await sql(server, DB, `insert into public.person values (7, 'after the restore')`)
  const restored = await dumped()
  const now = await moment(server)
  good(await server.inn(['restore', 'undo', NAME]))
  assert.deepEqual(await sql(server, DB, `select to_regclass('public.guest') is null`), ['true'])
  // The moment was on a timeline that serves no more.
  good(await server.inn(['restore', NAME, '--to', now]))
  assert.equal(await dumped(), restored)
  good(await server.inn(['restore', NAME, '--to', later]))
  assert.equal(await dumped(), whole)
})

test('a drill proves the same database, except for the index that is not valid', async () => {
  await sql(server, DB, 'drop index public.concurrently_failed')
  good(await server.inn(['backup', 'now', '--wait']))
  const drilled = await server.inn(['drill', 'now', NAME])
  good(drilled)
  whole = await dumped()
  other = await beyond()
})

test('from the kit alone it comes back to the byte', async () => {
  await archived(server)
  good(await server.inn(['backup', 'now', 'keeper', '--wait']))
  const saved = await server.inn(['recovery', 'kit', '--save', kit()])
  assert.equal(saved.code, 0, saved.text)
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  await rename(join(server.home, 'source'), join(elsewhere, 'source'))
  await emptied(server.home, elsewhere)
  const ended = await server.inn(['recover', '--kit', kit()])
  assert.equal(ended.code, 0, ended.text)
  await rename(join(elsewhere, 'source'), join(server.home, 'source'))
  await writeFile(join(elsewhere, 'before.sql'), whole)
  assert.equal(await dumped(), whole)
  assert.deepEqual(await beyond(), other)
})
