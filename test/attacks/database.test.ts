import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Drill } from '../../server/src/data/drills/wire.ts'
import { connectPinned, guarded, withDatabase } from '../../server/src/drivers/postgres/connect.ts'
import type { Failure } from '../../server/src/kernel/failure.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { firstPoint, moment, sql } from '../kit/data.ts'
import { makePostgres } from '../kit/postgres.ts'
import { good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'

const NAME = 't-evil'
const DB = 't_evil'
const OWNER = `${DB}_owner`
const MORE = `database: { postgres: true, role: owner }
migrations: { tool: sql, folder: db }
backups: { dump: true }
`

/** Catalogs that somebody asks who looks after a database: each has a look-alike that trips. */
const LOOKALIKES = [
  ...['pg_class', 'pg_namespace', 'pg_index', 'pg_type', 'pg_extension', 'pg_constraint'],
  ...[
    'pg_database',
    'pg_roles',
    'pg_sequence',
    'pg_depend',
    'pg_proc',
    'pg_db_role_setting',
    'pg_stat_activity',
  ],
]

/** Everything that the owner of a database can make others run. A trip leaves a file, if a superuser trips. */
const trap = (marks: string): string => `
create schema evil;
create function public.canary(kind text) returns boolean language plpgsql volatile as $$
declare super boolean;
begin
  begin execute 'reset role'; exception when others then null; end;
  super := (select r.rolsuper from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.=) session_user);
  raise log 'canary % as % super=%', kind, session_user, super;
  begin
    execute pg_catalog.format('copy (select 1) to %L', '${marks}/' || kind || '-' || session_user);
  exception when insufficient_privilege then null;
  end;
  return true;
end $$;
create function public.same(kind text, value text) returns text language plpgsql immutable as $$
begin perform public.canary(kind); return value; end $$;

${LOOKALIKES.map(name => `create view evil.${name} as select c.* from pg_catalog.${name} c where public.canary('${name}');`).join('\n')}
create function evil.quote_ident(text) returns text language sql as $$ select pg_catalog.quote_ident($1) where public.canary('quote_ident') $$;
create function evil.format(text, variadic text[]) returns text language sql as $$ select pg_catalog.format($1, variadic $2) where public.canary('format') $$;
create function evil.format(text, name, name) returns text language sql as $$ select pg_catalog.format($1, $2, $3) where public.canary('format-name') $$;
create function evil.pg_relation_size(oid) returns bigint language sql as $$ select pg_catalog.pg_relation_size($1) where public.canary('size') $$;
create function evil.hashtextextended(text, int) returns bigint language sql as $$ select pg_catalog.hashtextextended($1, $2) where public.canary('hash') $$;
create function evil.set_config(text, text, boolean) returns text language sql as $$ select pg_catalog.set_config($1, $2, $3) where public.canary('set_config') $$;
create function evil.differs(name, text) returns boolean language sql as $$ select $1::text operator(pg_catalog.<>) $2 and public.canary('operator') $$;
create operator evil.<> (leftarg = name, rightarg = text, function = evil.differs);
create function evil.unlike(name, text) returns boolean language sql as $$ select $1::text operator(pg_catalog.!~) $2 and public.canary('operator') $$;
create operator evil.!~ (leftarg = name, rightarg = text, function = evil.unlike);

create function public.guest_text(public.guest) returns text language plpgsql as $$
begin perform public.canary('cast'); return ($1.id)::text || $1.name; end $$;
create cast (public.guest as text) with function public.guest_text(public.guest) as implicit;
create domain public.odd as int check (public.canary('domain'));
alter table public.guest add column odd public.odd default 1;
alter table public.guest add column made text generated always as (public.same('generated', name)) stored;
alter table public.guest add column given text default public.same('default', 'x');
alter table public.guest add constraint checked check (public.canary('check'));
create index guest_expression on public.guest (public.same('index', name));
create unique index guest_part on public.guest (id) where public.same('predicate', name) is not null;
create function public.tripped() returns trigger language plpgsql as $$ begin perform public.canary('trigger'); return new; end $$;
create trigger tripped before insert on public.guest for each row execute function public.tripped();
create constraint trigger late after insert on public.guest deferrable initially deferred for each row execute function public.tripped();
create table public.walled (id int primary key, own boolean default true);
insert into public.walled values (1), (2);
alter table public.walled enable row level security;
create policy wall on public.walled using (public.canary('policy'));
create table public.ruled (id serial primary key);
create rule ruling as on insert to public.ruled do also select public.canary('rule');
create view public.seen as select id, public.canary('view') from public.guest;
create materialized view public.kept as select id, public.canary('matview') from public.guest;

alter database ${DB} set search_path = evil, public, pg_catalog;
alter database ${DB} set exit_on_error = on;
alter database ${DB} set quote_all_identifiers = on;
alter database ${DB} set datestyle = 'German';
alter role ${OWNER} set search_path = evil, public, pg_catalog;
`

let server: Server
let app: Fixture
let marks: string
let then: string
let url: string

before(async () => {
  marks = await mkdtemp(join(tmpdir(), 'inn-marks-'))
  await chmod(marks, 0o777)
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id serial primary key, name text not null);
      insert into guest (name) select 'guest ' || n from generate_series(1, 50) n;`,
  })
  good(await app.deploy())
  await firstPoint(server)
  const env = await fetch(`${(await server.app(NAME)).url}/env`)
  url = ((await env.json()) as Record<string, string>)['DATABASE_URL']!
})

after(async () => {
  await server?.remove()
  await rm(marks, { recursive: true, force: true })
})

/** As its owner: a superuser who asks here trips himself. */
const own = (text: string): Promise<string[]> =>
  withDatabase(url, async query => (await query(text)).map(row => String(Object.values(row)[0])))

const log = () => readFile(join(server.home, 'apps', NAME, 'logs/postgres/current'), 'utf8')

/** Nobody with the rights of the cluster has run anything of the app. */
async function nobodyTripped(during: string): Promise<void> {
  assert.deepEqual(await readdir(marks), [], during)
  assert.doesNotMatch(await log(), /canary .*super=t/, during)
}

/** What the owner's own sessions run is the proof that the traps are set. */
const ran = async (...kinds: string[]): Promise<void> => {
  const text = await log()
  for (const kind of kinds) assert.match(text, new RegExp(`canary ${kind} as ${OWNER} super=f`), kind)
}

test('a deploy and a backup run nothing of the app with more rights than its owner has', async () => {
  await app.write({ 'db/002.sql': trap(marks) })
  good(await app.deploy())
  await app.write({ 'server.js': serverJs('v2') })
  good(await app.deploy())
  await nobodyTripped('deploys')
  good(await server.inn(['backup', 'now', NAME]))
  await nobodyTripped('backup')
  await ran('cast')
  const { points } = await firstPoint(server)
  const { counted, missing } = points.find(p => p.kind === 'person')!
  assert.deepEqual([counted[DB]?.tables, missing], [4, []], 'all that the app has is counted')
})

test('single tables come back, as rows, as a table and as a file, by their owner', async () => {
  then = await moment(server, NAME)
  await own('delete from guest where id <= 5')
  good(await server.inn(['restore', NAME, '--table', 'guest', '--to', then, '--merge']))
  await ran('trigger', 'check', 'domain', 'default', 'index', 'predicate')
  good(await server.inn(['restore', NAME, '--table', 'guest', '--to', then, '--copy', 'guest_then']))
  good(
    await server.inn([
      'restore',
      NAME,
      '--table',
      'guest',
      '--to',
      then,
      '--csv',
      join(server.home, 'g.csv'),
    ]),
  )
  await nobodyTripped('tables')
  assert.deepEqual(await own('select count(*) from guest'), ['50'])
})

test('a drill proves the database, and the app runs nothing as its superuser', async () => {
  const ended = await server.inn(['drill', 'now', NAME])
  const [drill] = (await server.inn(['drill', 'list'])).json as unknown as Drill[]
  assert.equal(ended.json.outcome, 'done', JSON.stringify(drill))
  await nobodyTripped('drill')
})

test('a copy to look at and a restore of all: everything is there again, and is its owner’s', async () => {
  good(await server.inn(['restore', NAME, '--to', then, '--into', 'look']))
  good(await server.inn(['copies', 'remove', 'look']))
  await own('drop table guest cascade')
  const restored = await server.inn(['restore', NAME, '--to', then])
  good(restored)
  await nobodyTripped('restore')
  assert.deepEqual(await own('select count(*) from public.guest'), ['50'])
  assert.deepEqual(
    await own(
      `select distinct pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace`,
    ),
    [OWNER],
  )
  assert.deepEqual(
    await own('show search_path'),
    ['evil, public, pg_catalog'],
    'its own settings are its own',
  )
})

test('what others made in a database comes back too, and everything keeps whose it was', async () => {
  const mixed = await makeApp(server, 't-mixed', {
    'innkeeper.yaml': yaml(
      't-mixed',
      'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n',
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': `create extension citext;
      create table mine (id serial primary key, name citext, words text);
      insert into mine (name, words) values ('A', 'soup');
      create table hidden (id int); insert into hidden values (1), (2);
      alter table hidden enable row level security; alter table hidden force row level security;
      grant create on schema public to t_mixed_app;`,
  })
  good(await mixed.deploy())
  await sql(server, 't_mixed', `create extension pg_trgm; create extension pageinspect schema public`)
  await sql(server, 't_mixed', `create index by_words on mine using gin (words gin_trgm_ops)`)
  await sql(
    server,
    't_mixed',
    `create table theirs as select 7 as n; create schema audit; create table audit.log (n int)`,
  )
  await sql(
    server,
    't_mixed',
    `set role t_mixed_app; select lo_from_bytea(4711, 'abc'); create table made_by_app (n int)`,
  )
  good(await server.inn(['backup', 'now', 't-mixed', '--wait']))
  const to = await moment(server, 't-mixed')
  await sql(server, 't_mixed', `drop table mine, theirs, made_by_app; select lo_unlink(4711)`)
  const restored = await server.inn(['restore', 't-mixed', '--to', to])
  good(restored)
  const owners = `select relname || ' ' || pg_get_userbyid(relowner) from pg_class
    where relname in ('mine', 'theirs', 'made_by_app', 'hidden') order by 1`
  assert.deepEqual(await sql(server, 't_mixed', owners), [
    'hidden t_mixed_owner',
    'made_by_app t_mixed_app',
    'mine t_mixed_owner',
    'theirs innkeeper',
  ])
  const content = `select (select name from mine) || (select n from theirs) || (select count(*) from hidden)
    || convert_from(lo_get(4711), 'UTF8') || (select pg_get_userbyid(lomowner) from pg_largeobject_metadata)`
  assert.deepEqual(await sql(server, 't_mixed', content), ['A72abct_mixed_app'])
  const extensions = `select extname || ' ' || pg_get_userbyid(extowner) from pg_extension where extname <> 'plpgsql' order by 1`
  assert.deepEqual(await sql(server, 't_mixed', extensions), [
    'citext t_mixed_owner',
    'pageinspect innkeeper',
    'pg_trgm innkeeper',
  ])
})

test('a function that swallows its time limit is ended from outside', async () => {
  const postgres = await makePostgres()
  try {
    await postgres.sql(
      'postgres',
      `create function hang() returns void language plpgsql as $$
       begin loop
         begin perform pg_catalog.pg_sleep(60); exception when query_canceled then null; end;
       end loop; end $$`,
    )
    const { hostname, port } = new URL(postgres.url('postgres', 'postgres'))
    const connect = () =>
      connectPinned({
        host: hostname,
        port: Number(port),
        user: 'postgres',
        password: 'p',
        database: 'postgres',
      })
    const end = async (pid: number) =>
      void (await postgres.sql('postgres', `select pg_terminate_backend(${pid})`))
    const begun = performance.now()
    await assert.rejects(
      guarded({ connect, end, longestMs: 1_500 }, async query => {
        await query('set statement_timeout = 300')
        await query('select public.hang()')
      }),
      (error: Failure) => error.code === 'database.unreachable',
    )
    assert.ok(performance.now() - begun < 20_000)
  } finally {
    await postgres.remove()
  }
})

test('the traps are real: a superuser who comes without care trips', async () => {
  await sql(server, DB, 'select count(*) from pg_class')
  assert.deepEqual(await readdir(marks), ['pg_class-innkeeper'])
})
