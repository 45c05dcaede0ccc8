import { join } from 'node:path'
import type { BackupsPorts } from '../data/backups/ports.ts'
import { within } from '../data/repositories/within.ts'
import type { RetentionPorts, RetentionsPorts } from '../data/retention/ports.ts'
import { retentionStore } from '../data/retention/store.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { randomText } from '../drivers/host/random.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { rowFiles } from '../drivers/postgres/row-files.ts'
import { restic } from '../drivers/restic/restic.ts'
import { perName } from '../kernel/per-name.ts'
import type { Ground } from './ground.ts'

/** The ports of retention in each app. Archives have a repository of their own at each place. */
export function retentionPorts(backups: BackupsPorts, ground: Ground): RetentionsPorts {
  const { home, store, apps, releases, clusters, clock, passphrase } = ground
  const retention = retentionStore(store)
  const files = rowFiles(() => packageAccount('postgres'))
  return {
    ...{ retention, clock, apps, releases },
    of: perName((app): RetentionPorts => {
      const own = backups.of(app)
      const cache = join(home.cache, 'restic', `${app}.archive`)
      return {
        ...{ app, apps, releases, retention, clock, rowFiles: files, policy: own.policy },
        cluster: clusters.of(app),
        places: { ...own, cluster: { place: async () => null } },
        archives: within(
          `archive/${app}`,
          restic({ password: passphrase, cache, network: networkEnv(process.env) }),
        ),
        scratch: home.retention,
        random: randomText,
      }
    }),
  }
}
