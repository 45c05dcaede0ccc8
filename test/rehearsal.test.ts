import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RehearsalReport } from '../server/src/data/rehearsals/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-stage'
const DB = 't_stage'
let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      'database: { postgres: true }\nmigrations: { tool: sql, folder: db, lint: warn }\n',
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id bigint primary key, name text, note text);
      insert into guest select n, md5(n::text), repeat('x', 200) from generate_series(1, 300000) n;
      create table room (id bigint primary key);`,
  })
  good(await app.deploy())
})
after(() => server?.remove())

const rehearse = (...more: string[]) => server.inn(['db', 'rehearse', app.folder, ...more])
const reportOf = (ended: Awaited<ReturnType<typeof rehearse>>) =>
  (ended.json as unknown as { report: RehearsalReport }).report
const columns = () =>
  sql(server, DB, "select attname from pg_attribute where attrelid = 'guest'::regclass and attnum > 0")

test('without a backup there is nothing to rehearse on', async () => {
  failureOf(await rehearse('--last'), 'rehearsal.none')
  const refused = await rehearse()
  // The first backup may have been taken by itself meanwhile.
  if (refused.json.failure !== undefined) failureOf(refused, 'rehearsal.no-backup')
})

test('migrations run on a copy, with what the app asks beside them; the app is not touched', async () => {
  for (let n = 0; n < 3; n++)
    await server.inn(['db', 'shell', NAME], {
      input:
        'select name from guest where id = 7;\ninsert into room (id) values (1) on conflict do nothing;\n',
    })
  good(await server.inn(['backup', 'now', NAME]))
  await app.write({
    'db/002.sql': 'alter table guest add column mark double precision default random();\n',
    'db/003.sql': 'create index concurrently guest_name on guest (name);\n',
  })
  const ended = await rehearse()
  good(ended)
  const report = reportOf(ended)
  assert.deepEqual(
    report.migrations.map(({ name, error }) => [name, error]),
    [
      ['002.sql', null],
      ['003.sql', null],
    ],
  )
  const held = report.held.find(({ table, blocks }) => table === 'public.guest' && blocks === 'all')!
  assert.ok(held.ms >= 200, JSON.stringify(report.held))
  assert.deepEqual(
    report.rewritten.map(({ table }) => table),
    ['public.guest'],
  )
  assert.ok(report.bytes.database > 10e6 && report.bytes.log > 10e6, JSON.stringify(report.bytes))
  const waited = report.waiting.find(({ statement }) => statement.startsWith('select name from guest'))!
  assert.ok(
    waited.duringMs > held.ms / 3 && waited.duringMs > 2 * waited.beforeMs,
    JSON.stringify([waited, held]),
  )
  assert.equal((await columns()).includes('mark'), false)
  assert.deepEqual((await server.inn(['copies'])).json, [])
  assert.equal((await rehearse('--last')).code, 0)
  // The plan of the deploy of this source has it.
  const { plan } = (await server.client.post(`/api/apps/${NAME}/deploys`, {
    upload: report.upload,
    plan: true,
  })) as { plan: { notices: string[] } }
  assert.ok(
    plan.notices.some(text => /^rehearsed on the data of .*public\.guest was locked for \d+ ms/.test(text)),
    plan.notices.join('\n'),
  )
})

test('what fails on the copy is told, with the exit code', async () => {
  await app.write({ 'db/003.sql': 'alter table guest add column mark text not null;\n' })
  const ended = await rehearse()
  assert.equal(ended.code, 1)
  assert.match(reportOf(ended).migrations.at(-1)!.error!, /already exists/)
  assert.match((await rehearse('--last')).text, /already exists/)
})

test('one that is cancelled leaves no copy behind', async () => {
  await app.write({ 'db/003.sql': 'select pg_sleep(60);\n' })
  const slow = server.begin(['db', 'rehearse', app.folder])
  const sleeping = async () =>
    (await server.client.get<Array<{ kind: string; outcome: string | null; id: string }>>('/api/runs')).find(
      one => one.kind === 'rehearsal' && one.outcome === null,
    )
  const end = Date.now() + 60_000
  while ((await sleeping()) === undefined && Date.now() < end) await sleep(200)
  await sleep(4_000)
  await server.inn(['cancel', (await sleeping())!.id])
  assert.equal((await slow.ended).json.outcome, 'undone')
  assert.deepEqual(await server.inn(['copies']).then(({ json }) => json), [])
})

test('a keeper that is killed in it begins no second one on the same copy, and leaves none behind', async () => {
  const begun = server.begin(['db', 'rehearse', app.folder])
  const end = Date.now() + 60_000
  const running = async () =>
    (await server.client.get<Array<{ kind: string; outcome: string | null }>>('/api/runs')).some(
      one => one.kind === 'rehearsal' && one.outcome === null,
    )
  while (!(await running()) && Date.now() < end) await sleep(200)
  await sleep(4_000)
  await server.killKeeper()
  const { json } = await begun.ended
  assert.equal(json.outcome, 'undone')
  assert.match(JSON.stringify(json), /rehearsal\.cut-off/)
})
