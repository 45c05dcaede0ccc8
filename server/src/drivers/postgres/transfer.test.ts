import assert from 'node:assert/strict'
import { access as accessible } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { type CopyOrder, copyMasked, type Side } from '../../apps/masks/perform.ts'
import type { Mask } from '../../apps/masks/rule.ts'
import type { Failure } from '../../kernel/failure.ts'
import { clusterWithAccess, databaseOf, refused, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { querying } from './connect.ts'
import { provide } from './provide.ts'
import { postgresTransfer } from './transfer.ts'

let cluster: TestCluster
let access: Access
let to: DatabaseAccess
let said: string[] = []

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
  to = databaseOf(cluster, 'preview')
})
after(() => cluster?.remove())

const sideOf = (of: DatabaseAccess): Side => ({
  access: of,
  cluster: {
    provide: (given, connections) => provide(access, given, connections),
    limits: async () => {},
    blockers: async () => [],
    waitedFor: async () => null,
    cancel: async () => {},
    owner: access.owner,
    superuser: work => access.using('postgres', client => work(querying(client))),
    place: async () => ({ ...cluster.place, since: 0 }),
  },
})

async function copy(from: DatabaseAccess, mask: Mask, more: Partial<CopyOrder> & { free?: number } = {}) {
  said = []
  const { free = 1e12, ...given } = more
  return copyMasked(
    {
      transfer: postgresTransfer(async () => cluster.account),
      random: length => 's'.repeat(length),
      room: async () => ({ diskFree: free }),
    },
    {
      ...{ from: sideOf(from), to: sideOf(to), connections: 2, mask },
      ...{ signal: AbortSignal.timeout(60_000), say: line => said.push(line), ...given },
    },
  )
}

/** The database of an app that an app's own migrations filled. */
async function source(name: string, sql: string): Promise<DatabaseAccess> {
  const app = databaseOf(cluster, name)
  await provide(access, app, 5)
  await run(app, 'owner', sql)
  return app
}

const there = (text: string) => run(to, 'owner', text)
const tables = () =>
  there(`select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`)

const SHOP = `
  create extension citext; create type role as enum ('guest', 'admin');
  create domain mail as citext check (value ~ '@');
  create table users (
    id int generated always as identity primary key, email mail not null unique, name varchar(12), phone text,
    notes text not null, passport text, role role not null, born date, tags text[], extra jsonb,
    upper_email text generated always as (upper(email::text)) stored, words tsvector, ref uuid, photo bytea, income numeric(9,2));
  create unique index on users (lower(phone));
  insert into users (email, name, phone, notes, passport, role, born, tags, extra, words, ref, photo, income) values
    ('Anna@shop.example', 'Anna Arnold', '+49 30 1234567', 'likes "tea"', 'C01X', 'admin', '1990-05-04', '{a,b}', '{"email": "anna@shop.example"}',
     'anna'::tsvector, '11111111-1111-1111-1111-111111111111', '\\x01', 51234.5),
    ('ben@shop.example', null, null, '', null, 'guest', null, null, null, null, null, null, -3);
  create table letters (id bigserial primary key, reader mail references users (email) on update cascade, text text);
  insert into letters (reader, text) values ('anna@SHOP.example', 'Grüße, 12'), (null, E'tab\\tand\\\\n');
  create table visits (at date not null, email text, primary key (at, email)) partition by range (at);
  create table visits_2025 partition of visits for values from ('2025-01-01') to ('2026-01-01');
  create table visits_2026 (email text not null, at date not null);
  alter table visits attach partition visits_2026 for values from ('2026-01-01') to ('2027-01-01');
  insert into visits values ('2025-03-01', 'anna@shop.example'), ('2026-03-01', 'anna@shop.example');
  create function shout() returns trigger language plpgsql as $$ begin raise exception 'a trigger fired'; end $$;
  create trigger loud before insert on users for each row execute function shout();
  create materialized view people as select email from users;
  create table quiet (n int); alter table quiet enable row level security; insert into quiet values (7)`

const MASK: Mask = {
  ...{ 'users.email': 'email', 'users.name': 'name', 'users.phone': 'phone', 'users.notes': 'empty' },
  ...{ 'users.passport': 'null', 'users.born': 'date', 'users.tags': 'keep', 'users.extra': 'empty' },
  ...{ 'users.words': 'empty', 'users.ref': 'hash', 'users.photo': 'hash', 'users.income': 'number' },
  ...{ 'letters.text': 'text', 'visits.email': 'hash', 'users.role': 'keep' },
}

test('a copy has every row and every definition, and no value that a rule is for', async () => {
  const from = await source('shop', SHOP)
  const note = await copy(from, MASK)
  assert.match(note, /^7 rows of 5 tables, /)
  assert.deepEqual(said[0], 'letters: 2 rows (table 1 of 5)')
  const [anna, ben] = (await there('select to_json(u) from users u order by id')) as Array<
    Record<string, string>
  >
  assert.match(anna!['email']!, /^user-[0-9a-f]{16}@example\.com$/)
  assert.equal(anna!['upper_email'], anna!['email']!.toUpperCase())
  assert.match(anna!['name']!, /^[A-Z][a-z]+$/)
  assert.match(anna!['phone']!, /^\+999\d{12}$/)
  assert.match(anna!['photo']!, /^\\x[0-9a-f]{64}$/)
  assert.match(anna!['ref']!, /^[0-9a-f-]{36}$/)
  assert.ok(Number(anna!['income']) < 10_000 && Number(anna!['income']) !== 51234.5)
  const { notes, passport, role, born, tags, extra, words, id } = anna!
  assert.deepEqual(
    { notes, passport, role, born, tags, extra, words, id },
    {
      notes: '',
      passport: null,
      role: 'admin',
      born: '1990-01-01',
      tags: ['a', 'b'],
      extra: {},
      words: '',
      id: 1,
    },
  )
  assert.deepEqual([ben!['name'], ben!['phone'], ben!['born']], [null, null, null])
  // What referred to it still does, whatever the case of its letters.
  assert.deepEqual(await there('select count(*)::int from letters join users on reader = email'), [1])
  assert.deepEqual(await there('select text from letters order by id'), ['lorem ips', 'lorem ips'])
  assert.deepEqual(await there('select count(distinct email)::int from visits'), [1])
  assert.deepEqual(await there('select at::text from visits_2026'), ['2026-03-01'])
  assert.deepEqual(
    await there('select email::text from people where email = (select email from users where id = 1)'),
    [anna!['email']],
  )
  const dump = (await there(
    `select coalesce(string_agg(t, ' '), '') from (select users::text t from users union all select letters::text from letters union all select visits::text from visits) x`,
  )) as string[]
  assert.doesNotMatch(dump[0]!, /anna|arnold|C01X|1234567|Grü|@shop/i)
  await assert.rejects(
    there(`insert into users (email, notes, role) values ('x@y', '', 'guest')`),
    /a trigger fired/,
  )
  assert.deepEqual(await there(`insert into letters (text) values ('new') returning id`), ['3'])
})

test('the app may there what it may in every database, and the salt stands nowhere', async () => {
  assert.deepEqual(await run(to, 'app', 'select count(*)::int from users'), [2])
  assert.deepEqual(await run(to, 'app', `insert into letters (text) values ('mine') returning id`), ['4'])
  await refused(to, 'app', 'create table mine (n int)')
  await refused(to, 'app', 'alter table users disable trigger all')
  const texts = await cluster.sql(
    `select count(*) from pg_stat_statements where query like '%${'s'.repeat(43)}%'`,
  )
  assert.deepEqual(texts, ['0'])
})

const refusal = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work
  } catch (error) {
    return error as Failure
  }
  return assert.fail('it was not refused')
}

test('columns that look personal by name or by value are refused, all at once, with lines to paste and no value', async () => {
  const from = await source(
    'looks',
    `create table users (id int primary key, email text not null unique, "Home Address" text, weight text);
     create table log (id int, line text, number_of text, plain text); create schema billing;
     create table billing.bill (iban varchar(34), total int);
     insert into users values (1, 'anna@shop.example', 'Rue 1', '12'); insert into log values (1, 'mail to anna@shop.example now', '4111 1111 1111 1111', 'x')`,
  )
  const failure = await refusal(copy(from, { 'users.weight': 'keep' }))
  assert.equal(failure.code, 'preview.personal')
  const lines = [
    'mask:',
    '  billing.bill.iban: hash',
    '  log.line: email',
    '  log.number_of: hash',
    '  users.email: email',
  ]
  assert.ok(failure.fix.includes([...lines, '  "users.Home Address": text'].join('\n')), failure.fix)
  assert.doesNotMatch(JSON.stringify(failure), /anna|4111|Rue/)
  assert.deepEqual(await tables(), [], 'the copy of before is gone too')
})

test('rules that name nothing, do not fit or tear references apart are refused together', async () => {
  const from = await source(
    'wrong',
    `create table users (id int primary key, code text unique, born date not null, kind varchar(10));
     create table cards (code text references users (code)); create table more (code varchar(12) references users (code));
     create table parts (at date not null) partition by range (at);
     create table hidden (n int); alter table hidden enable row level security; alter table hidden force row level security`,
  )
  await access.using('wrong', async client => {
    await client.query('create extension pageinspect schema public; create table public.audit (n int)')
  })
  const { code, why } = await refusal(
    copy(from, {
      ...{ 'user.code': 'hash', 'users.cod': 'hash', 'users.kind': 'email', 'users.born': 'null' },
      ...{ 'users.code': 'hash', 'cards.code': 'email', 'parts.at': 'date' },
    }),
  )
  assert.equal(code, 'preview.mask')
  assert.deepEqual(why.split('\n').sort(), [
    'audit: the owner of the database may not read it',
    'cards.code: it is email, and users.code, which it refers to, is hash',
    'hidden: row security hides rows of it from its owner (force row level security)',
    'more.code: hash takes 16 letters, and it has 12',
    'more.code: it refers to users.code, and hash makes other values of the other type or length',
    'only a superuser could make the extensions of the source: pageinspect',
    'parts.at: its value decides in which partition a row lies, so it can only be kept',
    'user.code: there is no table user; did you mean users?',
    'users.born: it must not be null',
    'users.cod: users has no such column; did you mean code?',
    'users.kind: email takes 25 letters, and it has 10',
  ])
})

test('what fails or is cancelled leaves an empty database, and the failure shows no value; too little room is known before', async () => {
  const from = await source(
    'fails',
    `create table a (email text check (email like '%@shop.example'), secret_code int); insert into a values ('anna@shop.example', 4711)`,
  )
  const failure = await refusal(copy(from, { 'a.email': 'email' }))
  assert.equal(failure.code, 'preview.copy')
  assert.match(failure.why, /violates check constraint "a_email_check"/)
  assert.doesNotMatch(JSON.stringify(failure), /4711|user-|anna/)
  assert.deepEqual(await tables(), [])
  const full = await refusal(copy(from, { 'a.email': 'keep' }, { free: 1e9 }))
  assert.equal(full.code, 'preview.copy-room')
  const stop = new AbortController()
  const slow = copy(from, { 'a.email': 'keep' }, { signal: stop.signal, say: () => stop.abort() })
  assert.equal((await refusal(slow)).name, 'AbortError')
  assert.deepEqual(await tables(), [])
})

test('names, paths, functions and operators of a hostile source are names and no commands', async () => {
  const odd = `x'); drop table users; --`
  const line = 'a\n\\! touch /tmp/innkeeper-masks-pwned\n"q".b'
  const ident = (name: string) => `"${name.replaceAll('"', '""')}"`
  const from = await source(
    'evil',
    `create table pg_class (relname text); create table ${ident(odd)} (${ident(line)} text, "$$;''\\" text, "e.mail" text);
     create table ${ident(line)} (n int generated by default as identity, ${ident(odd)} text default 'd');
     insert into ${ident(odd)} values ('secret one', 'two', 'three'); insert into ${ident(line)} (${ident(odd)}) values ('four');
     create function public.sha256(bytea) returns bytea language sql as $$ select $1 $$;
     create function public.encode(bytea, text) returns text language sql as $$ select convert_from($1, 'UTF8') $$;
     create function public.same(text, text) returns text language sql as $$ select $1 $$;
     create operator public.|| (leftarg = text, rightarg = text, function = public.same);
     create function public.current_setting(text) returns text language sql as $$ select '' $$;
     alter database evil set search_path = public, pg_catalog; alter role evil_owner set search_path = public, pg_catalog;
     alter database evil set row_security = on; alter role evil_owner set default_transaction_read_only = on`,
  )
  const failure = await refusal(copy(from, { 'evil.x': 'hash' }))
  assert.equal(failure.code, 'preview.mask')
  const kept = await refusal(copy(from, {}))
  assert.match(kept.fix, /^ {2}"x'\); drop table users; --\.\\"e\.mail\\"": email$/m)
  const note = await copy(from, {
    [`${odd}."e.mail"`]: 'hash',
    [`${odd}."${line.replaceAll('"', '""')}"`]: 'hash',
  })
  assert.match(note, /^2 rows of 3 tables/)
  const [row] = (await there(`select to_json(x) from ${ident(odd)} x`)) as Array<Record<string, string>>
  assert.match(row!['e.mail']!, /^[0-9a-f]{32}$/)
  assert.match(row![line]!, /^[0-9a-f]{32}$/)
  assert.notEqual(row!['e.mail'], row![line])
  assert.equal(row![`$$;''\\`], 'two')
  assert.deepEqual(await there(`select ${ident(odd)} from ${ident(line)}`), ['four'])
  await assert.rejects(accessible('/tmp/innkeeper-masks-pwned'))
})
