import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { BackupPorts } from '../data/backups/ports.ts'
import type { RecoveryPorts } from '../data/recovery/perform.ts'
import { createRecovery } from '../data/recovery/recovery.ts'
import type { RestorePorts } from '../data/restores/ports.ts'
import { receivedFolders } from '../data/streaming/receive.ts'
import type { Store } from '../db/db.ts'
import { keepSetting } from '../db/setting.ts'
import { toolVersions } from '../drivers/host/versions.ts'
import { byHand } from '../drivers/pgbackrest/by-hand.ts'
import { lastCommit } from '../drivers/postgres/last-commit.ts'
import type { Secret } from '../kernel/secret.ts'
import { KIT_KEPT } from './wire-backups.ts'

/** The ports of recovery, beyond those of restores. */
export function recoveryPorts(restores: RestorePorts): RecoveryPorts {
  const { home } = restores
  return {
    restores,
    dataFolder: async () => (await restores.cluster.expected())!.data,
    lastCommit: () => lastCommit(join(home.logs, 'postgres')),
  }
}

export function wireRecovery(
  backups: BackupPorts,
  { store, passphrase }: { store: Store; passphrase: () => Promise<Secret> },
) {
  return createRecovery({
    backups,
    host: hostname(),
    passphrase,
    versions: toolVersions,
    byHand: async (place, key) => {
      const received = receivedFolders((await backups.policy()).places)
      return byHand(place, key, { cluster: await backups.cluster.place(), received })
    },
    setKept: digest => keepSetting(store, KIT_KEPT, digest),
    hash: text => createHash('sha256').update(text).digest('hex').slice(0, 16),
  })
}
