import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadModule } from 'libpg-query'
import { parseFile } from '../../drivers/libpg-query/program.ts'
import type { Failure } from '../../kernel/failure.ts'
import { CASES } from './cases.ts'
import type { Known } from './facts.ts'
import { LIVE } from './lint.fixture.ts'
import type { Migration } from './migration.ts'
import { lintNotices, refuseBad } from './notices.ts'
import { judge, worst } from './rule.ts'
import { RULES, type RuleId } from './rules.ts'

await loadModule()
const migration = (sql: string, mode: Migration['mode'] = 'each'): Migration => ({
  ...{ name: '0001', sql: parseFile(sql), mode, tool: 'each file is a transaction' },
})
const found = (sql: string, known: Known = LIVE, mode: Migration['mode'] = 'each') =>
  judge([migration(sql, mode)], known)
const said = (...of: Parameters<typeof found>) =>
  found(...of).map(({ rule, level, line }) => `${rule} ${level}${line === null ? '' : ` ${line}`}`)

test('each rule finds what it is for, and not the form that is safe', () => {
  const wrong = CASES.flatMap(({ rule, sql, mode }) => {
    const rules = found(sql, LIVE, mode).map(one => one.rule)
    const serious = found(sql, LIVE, mode).filter(({ level }) => level !== 'note')
    const right = rule === null ? serious.length === 0 : rules.includes(rule)
    return right ? [] : [{ rule, sql, found: found(sql, LIVE, mode).map(f => `${f.rule} ${f.level}`) }]
  })
  assert.deepEqual(wrong, [])
  const tried = new Set(CASES.map(({ rule }) => rule))
  const never = (Object.keys(RULES) as RuleId[]).filter(rule => !tried.has(rule) && rule !== 'session.open')
  assert.deepEqual(never, [])
})

test('how bad a lock is follows from the table', () => {
  const index = (table: string) => said(`create index i on ${table} (x);`)
  assert.deepEqual(
    [index('guest'), index('room'), index('never_there')],
    [['index.locks bad 1'], ['index.locks note 1'], []],
  )
  assert.deepEqual(said('create index i on guest (x);', { ...LIVE, live: null }), ['index.locks warning 1'])
  const quiet = { ...LIVE.live!, tables: LIVE.live!.tables.map(one => ({ ...one, writes: 0 })) }
  assert.deepEqual(said('create index i on guest (x);', { ...LIVE, live: quiet }), ['index.locks warning 1'])
})

test('a finding says how large and how busy the table is', () => {
  assert.equal(
    found('create index i on guest (x);')[0]!.why,
    'whoever writes to it waits meanwhile; it has 10,000,000 rows in 3.7 GB, with 50 reads and 5 writes a second',
  )
})

test('what is made by the same migrations, or where nothing is yet, is no matter', () => {
  const sql = 'create table bill (id bigint);\ncreate index i on bill (id);\nalter table bill drop column id;'
  assert.deepEqual(said(sql), [])
  assert.deepEqual(said('alter table guest drop column name;', { ...LIVE, empty: true }), [])
  assert.deepEqual(said('create table other.guest (id bigint); create index i on guest (x);'), [
    'index.locks bad 1',
  ])
})

test('a table that is there already is not made by if not exists, and one that was dropped before is', () => {
  const index = 'create index i on guest (x);'
  assert.deepEqual(said(`create table if not exists guest (id bigint); ${index}`), ['index.locks bad 1'])
  const again = said(`drop table guest; create table guest (id bigint); ${index}`)
  assert.deepEqual(again, ['table.dropped bad 1'])
  assert.deepEqual(said('create table guest (id bigint); create index i on guest (x);'), [
    'index.locks bad 1',
  ])
})

test('rows are bounded by their own key, and not by one of another table', () => {
  assert.deepEqual(said('delete from guest where id = 5;'), [])
  assert.deepEqual(said('delete from guest where room_id = 5;'), ['rows.unbounded bad 1'])
})

test('a column that what serves asks for is told from one that nobody asks for', () => {
  assert.deepEqual(said('alter table guest drop column name;'), ['column.dropped bad 1'])
  assert.match(
    found('alter table guest drop column name;')[0]!.why,
    /^r7, which serves, asks for it: select id, name .*2 min ago/,
  )
  assert.deepEqual(said('alter table guest drop column old;'), ['column.dropped warning 1'])
  assert.deepEqual(said('alter table guest rename column old to older;'), ['column.renamed note 1'])
  assert.deepEqual(said('alter table guest rename column old to older;', { ...LIVE, served: null }), [
    'column.renamed warning 1',
  ])
  const young = { ...LIVE.served!, since: LIVE.live!.at - 60_000 }
  assert.deepEqual(said('alter table guest rename column old to older;', { ...LIVE, served: young }), [
    'column.renamed warning 1',
  ])
})

test('a new column without a value fails where there are rows', () => {
  assert.deepEqual(said('alter table guest add column x text not null;'), ['column.required bad 1'])
  assert.deepEqual(said('alter table draft add column x text not null;'), ['column.required warning 1'])
  assert.deepEqual(said('alter table guest alter column mail set not null;'), ['column.not-null bad 1'])
})

test('a finding is allowed by its name and a reason, before the statement or behind it', () => {
  const drop = 'alter table guest drop column name;'
  const allowed = (sql: string) => found(sql).map(({ rule, allowed: why }) => [rule, why])
  assert.deepEqual(allowed(`-- inn-allow column.dropped: read by nobody since r5\n${drop}`), [
    ['column.dropped', 'read by nobody since r5'],
  ])
  assert.deepEqual(allowed(`${drop} -- inn-allow column.dropped because of é\nselect 1;`), [
    ['column.dropped', 'because of é'],
  ])
  assert.deepEqual(allowed(`/* inn-allow column.dropped: old */ ${drop}`), [['column.dropped', 'old']])
  assert.deepEqual(said(`-- inn-allow column.dropped\n${drop}`), [
    'column.dropped bad 2',
    'allow.unused warning 2',
  ])
  assert.deepEqual(said(`-- inn-allow column.drop: x\n${drop}`), [
    'column.dropped bad 2',
    'allow.unused note 2',
  ])
  // One that stands elsewhere is about something else.
  assert.deepEqual(said(`-- inn-allow column.dropped: x\nselect 1;\n${drop}`), [
    'allow.unused note 2',
    'column.dropped bad 3',
  ])
  assert.equal(worst(found(`-- inn-allow column.dropped: x\n${drop}`)), null)
  assert.equal(worst(found(drop)), 'bad')
})

test('lines count in files with letters of several bytes, and a migration that is code is said to be', () => {
  assert.deepEqual(said('-- éé\n\nselect 1;\n/* ü */ drop index guest_name_idx;'), [
    'index.drop-locks note 4',
  ])
  assert.deepEqual(
    judge([{ name: 'x', sql: null, mode: 'each', tool: 'knex runs JavaScript' }], LIVE).map(f => [
      f.rule,
      f.why,
    ]),
    [['sql.code', 'knex runs JavaScript']],
  )
})

test('sessions that hold locks on what is changed are told first', () => {
  const session = {
    ...{ pid: 7, application: 'report', seconds: 90, idle: true, dump: false },
    tables: [{ schema: 'public', name: 'room' }],
  }
  const known = { ...LIVE, live: { ...LIVE.live!, sessions: [session] } }
  assert.deepEqual(said('alter table room add column x text;', known), ['session.open warning'])
  assert.deepEqual(said('alter table draft add column x text;', known), [])
})

test('transactions of a tool that has one for all go on from file to file', () => {
  const two = (mode: Migration['mode']) =>
    judge(
      [migration('alter table room add column x int;', mode), migration('update guest set id = 1;', mode)],
      LIVE,
    ).map(({ rule }) => rule)
  assert.deepEqual([two('all'), two('each')], [['rows.unbounded', 'table.locked'], ['rows.unbounded']])
})

test('a plan says what is bad or may be, and refuses what is bad and not allowed', () => {
  const judged = (sql: string) => ({
    ...{ tool: 'sql', folder: 'db', pending: ['0001'], asked: 'live' as const, why: null, servedSince: 0 },
    findings: found(sql),
  })
  const both =
    'alter table guest drop column name;\nalter table guest drop column old;\ncreate table x (id int primary key);'
  assert.deepEqual(
    lintNotices(judged(both)).map(text => text.slice(0, 60)),
    [
      '0001, line 1: name of guest is dropped (column.dropped): r7,',
      '0001, line 2: old of guest is dropped (column.dropped): noth',
    ],
  )
  assert.throws(
    () => refuseBad(judged(both)),
    (error: Failure) => {
      assert.equal(error.code, 'lint.refused')
      assert.deepEqual(error.facts, { findings: [{ rule: 'column.dropped', migration: '0001', line: 1 }] })
      return true
    },
  )
  refuseBad(judged(`-- inn-allow column.dropped: x\n${both}`))
  assert.deepEqual(lintNotices({ ...judged(''), why: 'it is down' }), [
    'its migrations were not judged (it is down)',
  ])
})
