import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { clusterWithAccess, databaseOf, run } from './access.fixture.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { withDatabase } from './connect.ts'
import { provide } from './provide.ts'
import { portFor } from './proxy.fixture.ts'
import { readRows } from './reading.ts'

let cluster: TestCluster
let app: DatabaseAccess
let url: string
let close = () => {}

before(async () => {
  const { cluster: made, access } = await clusterWithAccess()
  cluster = made
  app = databaseOf(cluster, 'read')
  await provide(access, app, 2)
  const at = await portFor(`${cluster.at}/.s.PGSQL.5432`)
  close = at.close
  url = `postgresql://read_app:app%20secret@127.0.0.1:${at.port}/read`
})
after(async () => {
  close()
  await cluster?.remove()
})

test('rows are read as text, and nothing is changed', async () => {
  assert.deepEqual(await readRows(url, `select 1 as n, null as x, 'a' as n`, 5_000), {
    ...{ columns: ['n', 'x', 'n'], rows: [['1', null, 'a']], more: false },
  })
  const many = await readRows(url, 'select * from generate_series(1, 60)', 5_000)
  assert.deepEqual([many.rows.length, many.more], [50, true])
  await run(app, 'owner', 'create table guest (id serial)')
  await assert.rejects(readRows(url, 'select 1; drop table guest', 5_000), /multiple commands/)
  await assert.rejects(readRows(url, `select nextval('guest_id_seq')`, 5_000), /read-only|permission/)
})

test('a server that says too much, or takes too long, is hung up on before its answer is in memory', async () => {
  const before = process.memoryUsage().rss
  // Longer than a string of Node.js may be: it would end this process.
  for (const text of [
    `select repeat('x', 600000000)`,
    `select repeat('x', 60000000) from generate_series(1, 40)`,
  ])
    await assert.rejects(readRows(url, text, 60_000), { code: 'database.bounds', message: /more than 16/ })
  assert.ok(process.memoryUsage().rss - before < 300e6)
  await assert.rejects(readRows(url, 'select pg_sleep(60)', 300), /took longer|statement timeout/)
  const bounds = { timeoutMs: 300, mostBytes: 1_000 }
  await assert.rejects(
    withDatabase(url, query => query('select pg_sleep(60)'), bounds),
    { code: 'database.bounds' },
  )
  assert.deepEqual(await withDatabase(url, query => query('select 1 as n'), bounds), [{ n: 1 }])
})
