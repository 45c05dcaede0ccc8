import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keptOf, lineAt, sqlOf, wayOf } from './sql-file.ts'
import { statementsOf } from './sql-statements.ts'

const split = (sql: string) => statementsOf(sql).map(s => s.text)

test('statements end at semicolons, and at those alone that end one', () => {
  const cases: Array<[sql: string, statements: string[]]> = [
    ['a; b;', ['a;', 'b;']],
    [' -- nothing;\n/* ; */ ;;', []],
    ['a', ['a']],
    ["select ';', E'\\';', 'it''s;' ; b", ["select ';', E'\\';', 'it''s;' ;", 'b']],
    ["select e'it''s \\' ;'; b", ["select e'it''s \\' ;';", 'b']],
    ["select date';'; b", ["select date';';", 'b']],
    ['select ";" ; b', ['select ";" ;', 'b']],
    ['do $$ begin; end $$; b', ['do $$ begin; end $$;', 'b']],
    ['do $a$ ; $$ ; $a$; b', ['do $a$ ; $$ ; $a$;', 'b']],
    ['select a$b, $1; b$b', ['select a$b, $1;', 'b$b']],
    ['a /* /* ; */ ; */ ; b', ['a /* /* ; */ ; */ ;', 'b']],
    ['-- first\na; -- ;\nb', ['a;', 'b']],
    ['create rule r as on insert to t do (a; b); c', ['create rule r as on insert to t do (a; b);', 'c']],
    [
      'create or replace function f() returns int begin atomic select case 1 when 1 then 2 end; select 3; end; b',
      [
        'create or replace function f() returns int begin atomic select case 1 when 1 then 2 end; select 3; end;',
        'b',
      ],
    ],
    ["select 'open; b", ["select 'open; b"]],
  ]
  for (const [sql, statements] of cases) assert.deepEqual(split(sql), statements, sql)
})

test('nothing but comments and space is lost, whatever the text', () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    ';',
    '$$',
    '$a$',
    '--',
    '\n',
    '/*',
    '*/',
    '(',
    ')',
    'e',
    '\\',
    ' b ',
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const sql = pieces.join('')
      let at = 0
      for (const { start, end } of statementsOf(sql)) {
        assert.ok(start >= at && end > start)
        at = end
      }
      assert.ok(at <= sql.length)
    }),
  )
})

const kind = (sql: string) => {
  const way = wayOf(sql)
  return way.kind === 'whole' ? [way.begin, way.body.trim()] : way.kind
}

test('a file is one transaction, with its own begin and commit or with none', () => {
  assert.deepEqual(kind('a; b;'), ['begin', 'a; b;'])
  assert.deepEqual(kind('-- why\nBEGIN; a; COMMIT;'), ['BEGIN;', 'a;'])
  assert.deepEqual(kind('start transaction isolation level serializable; a; end'), [
    'start transaction isolation level serializable;',
    'a;',
  ])
  assert.deepEqual(kind(''), ['begin', ''])
  assert.deepEqual(kind('savepoint s; a; rollback to savepoint s; b'), [
    'begin',
    'savepoint s; a; rollback to savepoint s; b',
  ])
  assert.equal(kind('begin; a; commit; b'), 'apart')
  assert.equal(kind('begin; a; rollback;'), 'apart')
  assert.equal(kind('-- no-transaction\na; b'), 'apart')
})

test('a begin without a commit, and rows that psql alone can send, are refused', () => {
  assert.equal(kind('begin; a'), 'refused')
  assert.equal(kind('begin; a; commit and chain; b'), 'refused')
  assert.equal(kind('COPY public.t (a) FROM stdin;\n1\n\\.\n'), 'refused')
  assert.deepEqual(kind("copy t from '/file'"), ['begin', "copy t from '/file'"])
})

test('lines of pg_dump for psql are taken out, and the others keep their numbers', () => {
  assert.equal(sqlOf('\uFEFF--\n\\restrict aB1\r\na;\n\\unrestrict aB1\n'), '--\n\na;\n\n')
  assert.equal(sqlOf('a \\restrict b'), 'a \\restrict b')
})

test('what stays of statements that ran one by one is what was committed', () => {
  const kept = (sql: string, failed: number) => keptOf(statementsOf(sql), failed)
  assert.deepEqual(kept('a; b; c', 2), [0, 1])
  assert.deepEqual(kept('a; begin; b; c', 3), [0])
  assert.deepEqual(kept('begin; a; commit; b; c', 4), [1, 3])
  assert.deepEqual(kept('begin; a; rollback; b; c', 4), [3])
  assert.deepEqual(kept('begin; a; commit and chain; b; c; commit', 4), [1])
})

test('a place is told by its line', () => {
  assert.equal(lineAt('a\n😀\nb', 5), 3)
  assert.equal(lineAt('a', undefined), null)
})
