import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { clusterWithAccess } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { heartbeat, mark, prepareHeartbeat, written } from './heartbeat.ts'

let cluster: TestCluster
let access: Access

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
  // A database of its own tells the connection of the pulse from the test's own.
  await cluster.sql('create database pulse')
  await access.using('pulse', prepareHeartbeat)
})
after(() => cluster?.remove())

test('several connections may create the table of the heartbeat at the same time', async () => {
  await cluster.sql('create database crowd')
  for (let n = 0; n < 10; n++) {
    await access.using('crowd', client => client.query('drop schema if exists innkeeper cascade'))
    await Promise.all(Array.from({ length: 6 }, () => access.using('crowd', prepareHeartbeat)))
  }
})

test('the pulse writes, says how archiving is, and comes back by itself after its connection was ended', async () => {
  let accepts = true
  const pulse = heartbeat({
    connect: () => (accepts ? access.connect('pulse') : Promise.reject(new Error('stopping'))),
    accepts: async () => accepts,
    longestSegment: 60_000,
  })
  const first = await pulse.beat()
  await sleep(2) // Times are whole milliseconds, and a heartbeat takes less than one.
  const second = await pulse.beat()
  assert.ok(second.at > first.at)
  assert.ok(Math.abs(Date.now() - second.at) < 60_000)
  assert.deepEqual([second.archiving, second.synchronous, second.receiving], [true, false, false])
  const rows = () =>
    access.using('pulse', async client => (await client.query('select * from innkeeper.heartbeat')).rowCount)
  assert.equal(await rows(), 1, 'one row, however often')
  const mine = `from pg_stat_activity where datname = 'pulse'`
  assert.equal((await cluster.sql(`select pid ${mine}`)).length, 1, 'one connection, however often')
  await cluster.sql(`select pg_terminate_backend(pid) ${mine}`)
  const third = await pulse.beat().catch(() => pulse.beat())
  assert.ok(third.at > second.at)
  accepts = false
  await assert.rejects(pulse.beat(), /stopping/)
  const left = () => cluster.sql(`select pid ${mine}`)
  for (const end = Date.now() + 5_000; (await left()).length > 0; )
    assert.ok(Date.now() < end, 'it waits for us')
})

test('a cluster that nobody writes to gets no heartbeat, and one that somebody writes to does', async () => {
  const pulse = heartbeat({
    connect: () => access.connect('pulse'),
    accepts: async () => true,
    longestSegment: 60_000,
  })
  const written = async () => (await cluster.sql('select pg_snapshot_xmax(pg_current_snapshot())'))[0]!
  await pulse.watch()
  await pulse.watch()
  const idle = await written()
  const one = await pulse.watch()
  await sleep(2) // Times are whole milliseconds, and a look takes less than one.
  const two = await pulse.watch()
  assert.ok(two.at > one.at, 'what it shows is of now')
  await cluster.sql('checkpoint')
  await pulse.watch()
  assert.equal(await written(), idle)
  await cluster.sql('create table if not exists stay (n int)')
  await pulse.watch()
  assert.equal(Number(await written()), Number(idle) + 2, 'the table and a heartbeat')
  await pulse.watch()
  assert.equal(Number(await written()), Number(idle) + 2)
  await pulse.beat()
  assert.equal(Number(await written()), Number(idle) + 3)
  await cluster.sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'pulse'`)
})

test('a segment that was begun before anybody looked is ended with the first pulse, so that it is archived', async () => {
  const walOf = async () => (await cluster.sql('select pg_walfile_name(pg_current_wal_insert_lsn())'))[0]!
  const before = await walOf()
  const pulse = heartbeat({
    connect: () => access.connect('pulse'),
    accepts: async () => true,
    longestSegment: 60_000,
  })
  assert.equal((await pulse.beat()).segment, before)
  assert.notEqual((await pulse.beat()).segment, before)
  const now = await walOf()
  await pulse.beat()
  assert.equal(await walOf(), now, 'within its time the next one is filled')
  await cluster.sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'pulse'`)
})

test('a moment that is named lies after all that was committed, and ends its segment', async () => {
  const at = await access.using('postgres', written)
  const named = await access.using('postgres', client => mark(client, 'p1'))
  assert.ok(named.end > at)
  assert.ok((await access.using('postgres', written)) > named.end)
  const [segment] = await cluster.sql('select pg_walfile_name(pg_current_wal_insert_lsn())')
  assert.ok(segment! > named.segment)
})
