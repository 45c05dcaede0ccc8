import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { physicalContract } from '../../data/repositories/physical.contract.ts'
import { Secret } from '../../kernel/secret.ts'
import { execOk } from '../host/exec.ts'
import { bedOf, makeCluster, type TestCluster } from '../postgres/cluster.fixture.ts'
import { pgbackrest } from './pgbackrest.ts'

const engineOf = (cluster: TestCluster) =>
  pgbackrest({
    stanza: 'shop',
    at: join(cluster.at, 'work'),
    account: async () => cluster.account,
    cluster: async () => cluster.place,
    passphrase: async () => new Secret('a key of the test'),
  })

physicalContract('pgBackRest in a folder', async () => {
  const cluster = await makeCluster()
  return bedOf(cluster, engineOf(cluster))
})

test('a segment of files that nobody runs is archived by its path, also one that was not finished', async t => {
  const cluster = await makeCluster()
  t.after(() => cluster.remove())
  const physical = engineOf(cluster)
  const bed = await bedOf(cluster, physical)
  const place = bed.place()
  await physical.prepare(place)
  await physical.archiveTo([place])
  await cluster.sql('create table guest (n int)')
  await cluster.archived()
  await cluster.sql('insert into guest values (1)')
  const [segment] = await cluster.sql('select pg_walfile_name(pg_current_wal_lsn())')
  const aside = join(cluster.at, 'aside')
  await execOk({ argv: ['cp', '-a', cluster.place.data, aside], timeoutMs: 60_000 }, 'cp')
  assert.ok(!(await physical.archive(place)).segments.includes(segment!))
  await physical.archiveFiles([join(aside, 'pg_wal', segment!)])
  assert.ok((await physical.archive(place)).segments.includes(segment!))
  const missing = physical.archiveFiles([join(aside, 'pg_wal', '0000000100000000000000FF')])
  await assert.rejects(missing, { code: 'backup.archive' })
})

test('a cluster whose log is kept nowhere goes on without it, and archives again when it is told to', async t => {
  const cluster = await makeCluster()
  t.after(() => cluster.remove())
  const physical = engineOf(cluster)
  const bed = await bedOf(cluster, physical)
  const place = bed.place()
  await physical.prepare(place)
  await physical.archiveNowhere()
  await cluster.sql('create table guest (n int)')
  await cluster.archived()
  assert.deepEqual((await physical.archive(place)).segments, [])
  await physical.archiveTo([place])
  await cluster.sql('insert into guest values (1)')
  await cluster.archived()
  assert.equal((await physical.archive(place)).segments.length > 0, true)
})

test('until there is a configuration nothing is said, and a stop does not wait for it; then all is archived', async t => {
  const cluster = await makeCluster()
  t.after(() => cluster.remove())
  const physical = engineOf(cluster)
  const bed = await bedOf(cluster, physical)
  await cluster.sql('create table guest (n int)')
  await cluster.sql('select pg_switch_wal()')
  await sleep(2_500)
  assert.doesNotMatch(await readFile(join(cluster.at, 'log'), 'utf8'), /ERROR|WARNING|failed/)
  const ctl = (...more: string[]) =>
    execOk(
      {
        argv: [join(cluster.place.bin, 'pg_ctl'), '-w', '-D', cluster.place.data, ...more],
        user: cluster.account,
        cwd: '/',
        timeoutMs: 60_000,
      },
      'pg_ctl',
    )
  const began = Date.now()
  await ctl('-m', 'fast', 'stop')
  assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`)
  await cluster.start(physical.archiveCommand())
  const place = bed.place()
  await physical.prepare(place)
  await physical.archiveTo([place])
  await cluster.archived()
})
