import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Place } from '../../data/places/place.ts'
import { BEGAN } from '../../data/recovery/perform-cluster.ts'
import type { Made } from '../../data/repositories/physical.contract.ts'
import { Secret } from '../../kernel/secret.ts'
import { bedOf, makeCluster } from '../postgres/cluster.fixture.ts'
import { pgbackrest } from './pgbackrest.ts'

let made: Made
let place: Place

before(async () => {
  const cluster = await makeCluster()
  const physical = pgbackrest({
    stanza: 'shop',
    at: join(cluster.at, 'work'),
    account: async () => cluster.account,
    cluster: async () => cluster.place,
    passphrase: async () => new Secret('a key of the test'),
  })
  made = await bedOf(cluster, physical)
  place = made.place()
})
after(() => made?.remove())

/** Restores to the end of the log, into a folder of this name. */
async function restored(name: string) {
  const { physical, at } = made
  const folder = join(at, name)
  await mkdir(folder)
  // The user of PostgreSQL writes into this folder.
  await chmod(folder, 0o777)
  const into = join(folder, 'data')
  const scratch = join(folder, 'work')
  await physical.restore({ place, target: { kind: 'latest', backup: null }, into, scratch })
  return { into, scratch }
}

test('a restored cluster tells the last segment that it replayed, also when the log ends at the border of two', async () => {
  const { physical, cluster } = made
  await physical.prepare(place)
  await physical.archiveTo([place])
  await physical.take({ place, kind: 'full', signal: new AbortController().signal, onProgress: () => {} })
  await cluster.sql('create table guest (n int)')
  const last = await cluster.archived()
  const { into } = await restored('restored')
  const [began] = await cluster.ask(into, BEGAN)
  assert.equal(began, `00000002${last.slice(8)}`)
})

test('when nothing fetches the log ahead, each segment is fetched by itself, and none is missing', async t => {
  const { into, scratch } = await restored('alone')
  const lock = join(scratch, 'lock', 'backup', 'shop-archive.lock')
  await writeFile(lock, '')
  await chmod(lock, 0o666)
  // Whoever holds this lock fetches ahead. Now nobody does.
  const holder = spawn('flock', ['--no-fork', lock, 'sleep', '300'])
  t.after(() => holder.kill())
  await once(holder, 'spawn')
  assert.deepEqual(await made.cluster.ask(into, `select count(*) from pg_class where relname = 'guest'`), [
    '1',
  ])
})
