import { join } from 'node:path'
import { physicalContract } from '../backups/physical.contract.ts'
import { Secret } from '../kernel/secret.ts'
import { makeCluster } from './cluster.fixture.ts'
import { pgbackrest } from './pgbackrest.ts'

physicalContract('pgBackRest in a folder', async () => {
  const cluster = await makeCluster()
  const physical = pgbackrest({
    at: join(cluster.at, 'work'),
    account: async () => cluster.account,
    cluster: async () => cluster.place,
    passphrase: async () => new Secret('a key of the test'),
  })
  await cluster.start(physical.archiveCommand())
  let places = 0
  return {
    physical,
    cluster,
    at: cluster.at,
    place: () => ({ kind: 'folder', name: `disk-${++places}`, path: join(cluster.at, `disk-${places}`) }),
    remove: cluster.remove,
  }
})
