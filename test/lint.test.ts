import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { LintReport } from '../server/src/apps/lint/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-judged'
const DB = 't_judged'
let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id bigint primary key, name text, "Old Name" text, code varchar(20));
      insert into guest select n, md5(n::text) from generate_series(1, 40000) n;
      create table draft (id bigint primary key);
      analyze;`,
  })
  good(await app.deploy())
})
after(() => server?.remove())

/** As the app asks it: with the rights of its own role. */
const asks = (query: string) => server.inn(['db', 'shell', NAME], { input: `${query};\n` })
const lint = async (...more: string[]) => {
  const ended = await server.inn(['db', 'lint', app.folder, ...more])
  return { code: ended.code, report: ended.json as unknown as LintReport }
}
const said = ({ findings }: LintReport) => findings.map(f => `${f.rule} ${f.level} ${f.line}`)

test('nothing is pending, and then what is pending is judged by the tables as they are', async () => {
  assert.deepEqual((await lint()).report.pending, [])
  await app.write({
    'db/002.sql': `create index i on guest (name);
alter table draft add column x text;
alter table guest add column price int not null;
alter table guest alter column code type varchar(40);
alter table guest alter column code type bigint using 1;`,
  })
  const { code, report } = await lint()
  assert.equal(code, 1)
  assert.deepEqual(report.pending, ['002.sql'])
  assert.deepEqual(said(report), ['index.locks note 1', 'column.required bad 3', 'column.type note 5'])
  assert.match(report.findings[1]!.what, /its 40,000 rows/)
  assert.ok(report.findings[2]!.what.endsWith('instead of character varying(20)'), report.findings[2]!.what)
})

test('a column that what serves asks for cannot be dropped by a deploy, unless the file says why', async () => {
  await lint() // The counts of statements are looked at from here on.
  await asks('select name from guest where id = 7')
  await app.write({
    'db/002.sql': 'alter table guest drop column name;\nalter table guest drop column "Old Name";',
  })
  const { report } = await lint()
  assert.deepEqual(said(report), ['column.dropped bad 1', 'column.dropped warning 2'])
  assert.match(
    report.findings[0]!.why,
    /^r1, which serves, asks for it: select name from guest where id = \$1/,
  )
  const refused = failureOf(await app.deploy(), 'lint.refused')
  assert.match(refused.why, /002\.sql, line 1: name of guest is dropped/)
  assert.match(refused.fix, /inn-allow column\.dropped/)
  // Nothing of it happened.
  assert.deepEqual(await sql(server, DB, `select name from guest where id = 7`), [
    '8f14e45fceea167a5a36dedd4bea2543',
  ])
  await app.write({
    'db/002.sql':
      '-- inn-allow column.dropped: the test wants it\nalter table guest drop column name;\nalter table guest drop column "Old Name";',
  })
  good(await app.deploy())
})

test('whoever holds a lock on what is to be changed is told of', async () => {
  await app.write({ 'db/003.sql': 'alter table draft add column z text;' })
  const held = server.begin(['db', 'shell', NAME, '--owner'], {
    input: `begin;\nlock table draft;\nselect pg_sleep(12);\n`,
  })
  let found: LintReport
  const end = Date.now() + 30_000
  do found = (await lint()).report
  while (found.findings.length === 0 && Date.now() < end)
  assert.deepEqual(
    found.findings.map(f => f.rule),
    ['session.open'],
  )
  assert.match(
    found.findings[0]!.what,
    /pid \d+\) has had a transaction open for \d+ s, with locks on public\.draft/,
  )
  await held.ended
})

test('a source whose SQL nobody understands, and one without migrations, are told as they are', async () => {
  await app.write({ 'db/003.sql': 'alter tabel guest;' })
  assert.deepEqual(said((await lint()).report), ['sql.syntax warning 1'])
  await app.write({
    'db/003.sql': null,
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true }\nmigrations: false\n'),
  })
  assert.equal((await lint()).report.tool, null)
})
