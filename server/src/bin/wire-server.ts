import { join } from 'node:path'
import type { Cluster } from '../apps/databases/cluster.ts'
import { homeAt } from '../config/home.ts'
import { randomText } from '../drivers/host/random.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { edgeCommand, nginxEdge } from '../drivers/nginx/nginx.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { postgres } from '../drivers/postgres/postgres.ts'
import { runit } from '../drivers/runit/runit.ts'
import type { Secret } from '../kernel/secret.ts'

interface ServerSettings {
  httpPort: number | null
  /** The passphrase that encrypts the backups. */
  passphrase?: () => Promise<Secret>
}

/** Builds the drivers of one home. Nothing is started. */
export function wireServer(root: string, settings: ServerSettings) {
  const home = homeAt(root)
  const supervisor = runit({ services: home.services, watched: home.watched })
  const http = settings.httpPort === null ? null : { port: settings.httpPort, address: '0.0.0.0' }
  const edge = nginxEdge({ home: root, http })
  const account = () => packageAccount('postgres')
  const physical = pgbackrest({
    at: home.backups,
    account,
    cluster: () => cluster.expected(),
    passphrase: settings.passphrase ?? noStore,
  })
  const cluster: Cluster = postgres({
    at: home.postgres,
    run: home.run,
    log: join(home.logs, 'postgres'),
    supervisor,
    account,
    archiveCommand: physical.archiveCommand,
    newPassword: () => randomText(32),
  })
  return { home, supervisor, edge, cluster, physical, edgeCommand: edgeCommand(root) }
}

/** The passphrase for `up` and `down`, which do not open the keeper's store and make no backups. */
const noStore = (): never => {
  throw new Error('the key of the backups is in the store of the keeper')
}
