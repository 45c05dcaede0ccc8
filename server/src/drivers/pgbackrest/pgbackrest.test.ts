import { join } from 'node:path'
import { physicalContract } from '../../data/repositories/physical.contract.ts'
import { Secret } from '../../kernel/secret.ts'
import { bedOf, makeCluster } from '../postgres/cluster.fixture.ts'
import { pgbackrest } from './pgbackrest.ts'

physicalContract('pgBackRest in a folder', async () => {
  const cluster = await makeCluster()
  const physical = pgbackrest({
    stanza: 'shop',
    at: join(cluster.at, 'work'),
    account: async () => cluster.account,
    cluster: async () => cluster.place,
    passphrase: async () => new Secret('a key of the test'),
  })
  return bedOf(cluster, physical)
})
