import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { copyName, KEEPER } from '../apps/app/names.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import type { BackupsPorts } from '../data/backups/ports.ts'
import type { Place } from '../data/places/place.ts'
import { PENDING, type Pending } from '../data/recovery/pending.ts'
import type { RecoveryPorts } from '../data/recovery/ports.ts'
import { createRecovery } from '../data/recovery/recovery.ts'
import type { RestoresPorts } from '../data/restores/ports.ts'
import { receivedFolders } from '../data/streaming/receive.ts'
import { keepSetting } from '../db/setting.ts'
import { toolVersions } from '../drivers/host/versions.ts'
import { byHand } from '../drivers/pgbackrest/by-hand.ts'
import { lastCommit } from '../drivers/postgres/last-commit.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Ground } from './ground.ts'
import { KIT_KEPT } from './wire-backups.ts'

/** The ports of recovery, beyond those of restores. */
export function recoveryPorts(restores: RestoresPorts, { home, room }: DeployPorts): RecoveryPorts {
  return {
    ...restores,
    room,
    lastCommit: (app, copy) => lastCommit(join(home.logs, copyName(app, copy))),
  }
}

/** Apps that a recovery of this server will start when their data is back; empty: nothing is being recovered. */
export async function waitingApps(root: string): Promise<readonly string[]> {
  const text = await readFile(join(root, PENDING), 'utf8').catch(() => null)
  return text === null ? [] : (JSON.parse(text) as Pending).apps
}

export function wireRecovery(backups: BackupsPorts, ground: Ground) {
  const { store, clusters, passphrase } = ground
  return createRecovery({
    backups,
    ground,
    clusters: clusters.apps,
    host: hostname(),
    passphrase,
    versions: toolVersions,
    byHand: (place, key) => handsOf({ backups, ground }, place, key),
    setKept: digest => keepSetting(store, KIT_KEPT, digest),
    hash: text => createHash('sha256').update(text).digest('hex').slice(0, 16),
  })
}

/** How a person opens a place by hand: the cluster of each app that is backed up there, and everything else. */
async function handsOf(
  { backups, ground }: { backups: BackupsPorts; ground: Ground },
  place: Place,
  key: Secret,
): Promise<string> {
  const names = (await ground.apps.all()).map(({ name }) => name)
  const own = names.map(async app => {
    const { places } = await backups.of(app).policy()
    const cluster = await ground.clusters.of(app).place()
    return cluster === null ? [] : [{ app, cluster, received: receivedFolders(places, app) }]
  })
  return byHand(place, key, { clusters: (await Promise.all(own)).flat(), owners: [...names, KEEPER] })
}
