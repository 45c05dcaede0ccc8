import assert from 'node:assert/strict'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { BEGAN } from '../../data/recovery/perform-cluster.ts'
import type { Made } from '../../data/repositories/physical.contract.ts'
import { Secret } from '../../kernel/secret.ts'
import { bedOf, makeCluster } from '../postgres/cluster.fixture.ts'
import { pgbackrest } from './pgbackrest.ts'

let made: Made

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
})
after(() => made?.remove())

test('a restored cluster tells the last segment that it replayed, also when the log ends at the border of two', async () => {
  const { physical, cluster, at } = made
  const place = made.place()
  await physical.prepare(place)
  await physical.archiveTo([place])
  await physical.take({ place, kind: 'full', signal: new AbortController().signal, onProgress: () => {} })
  await cluster.sql('create table guest (n int)')
  const last = await cluster.archived()
  const folder = join(at, 'restored')
  await mkdir(folder)
  // The user of PostgreSQL writes into this folder.
  await chmod(folder, 0o777)
  const into = join(folder, 'data')
  const scratch = join(folder, 'work')
  await physical.restore({ place, target: { kind: 'latest' }, into, scratch })
  const [began] = await cluster.ask(into, BEGAN)
  assert.equal(began, `00000002${last.slice(8)}`)
})
