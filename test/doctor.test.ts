import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseHealth, DatabaseTuning } from '../server/src/watch/doctor/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-sick'
const DB = 't_sick'
let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id serial primary key, name text);
      insert into guest (name) select md5(n::text) from generate_series(1, 40000) n;
      alter table guest set (autovacuum_enabled = off);`,
  })
  good(await app.deploy())
})
after(() => server?.remove())

const health = async () => (await server.inn(['db', 'doctor', NAME])).json as unknown as DatabaseHealth
const ids = async () => (await health()).findings.map(({ id }) => id)

test('dead rows are found, removed by a run, and found no more', async () => {
  await sql(server, DB, `update guest set name = 'x' where id % 2 = 0`)
  // PostgreSQL tells what changed a moment later.
  await sleep(1_500)
  assert.deepEqual((await ids()).sort(), ['table.dead-rows', 'table.unattended'])
  const planned = await server.inn(['db', 'vacuum', NAME, '--plan'])
  assert.match(planned.text, /public\.guest/)
  good(await server.inn(['db', 'vacuum', NAME]))
  await sleep(1_500)
  assert.deepEqual(await ids(), ['table.unattended'])
  assert.notEqual((await health()).largest[0]!.vacuumedAt, null)
  failureOf(await server.inn(['db', 'vacuum', NAME]), 'vacuum.nothing')
  failureOf(await server.inn(['db', 'vacuum', NAME, '--table', 'gest']), 'table.unknown')
})

test('what comes meanwhile does not wait for it, and nothing of it goes on', async () => {
  await sql(server, DB, `update guest set name = 'y'`)
  await sql(server, DB, `alter role ${DB}_owner set vacuum_cost_delay = 100`)
  await sql(server, DB, `alter role ${DB}_owner set vacuum_cost_limit = 1`)
  const slow = server.begin(['db', 'vacuum', NAME, '--table', 'guest'])
  const vacuums = () =>
    sql(
      server,
      DB,
      `select pid from pg_stat_activity where query like 'vacuum (analyze)%' and state = 'active'`,
    )
  for (const end = Date.now() + 20_000; (await vacuums()).length === 0; await sleep(100))
    assert.ok(Date.now() < end, 'it does not begin')
  good(await server.inn(['restart', NAME]))
  assert.equal((await slow.ended).json.outcome, 'undone')
  assert.deepEqual(await vacuums(), [])
})

test('what PostgreSQL runs with is told against what fits, and a start brings it', async () => {
  const tuning = async () => (await server.inn(['db', 'tune', NAME])).json as unknown as DatabaseTuning
  const buffers = async () => (await tuning()).settings.find(({ name }) => name === 'shared_buffers')!
  assert.equal((await buffers()).state, 'fits')
  failureOf(await server.inn(['db', 'tune', NAME, '--apply']), 'tune.nothing')
  // A second cluster on the machine: each has less from its next start on.
  const other = await makeApp(server, 't-beside', {
    'innkeeper.yaml': yaml('t-beside', 'database: { postgres: true }\n'),
    'server.js': serverJs('v1'),
  })
  good(await other.deploy())
  const { runs, wanted, state } = await buffers()
  assert.deepEqual([runs === wanted, state], [false, 'start'])
  assert.match((await server.inn(['db', 'tune', NAME, '--plan'])).text, /shared_buffers = /)
  good(await server.inn(['db', 'tune', NAME, '--apply']))
  const after = await buffers()
  assert.deepEqual([after.runs, after.state], [wanted, 'fits'])
  assert.deepEqual(await sql(server, DB, 'select count(*) from guest'), ['40000'])
})
