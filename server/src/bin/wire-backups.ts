import { randomUUID } from 'node:crypto'
import { copyFile, rename, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppStore } from '../apps/app/store.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import type { ReleaseStore } from '../apps/releases/store.ts'
import type { Home } from '../config/home.ts'
import { createBackups } from '../data/backups/backups.ts'
import { KEPT_STORE, keeperFiles } from '../data/backups/keeper-files.ts'
import { policyNow } from '../data/backups/kept.ts'
import type { BackupPorts } from '../data/backups/ports.ts'
import { pointStore } from '../data/backups/store.ts'
import type { DrillPorts } from '../data/drills/ports.ts'
import { drillStore } from '../data/drills/store.ts'
import { type Place, placeAddress } from '../data/places/place.ts'
import { within } from '../data/repositories/within.ts'
import type { RestorePorts } from '../data/restores/ports.ts'
import { restoreStore } from '../data/restores/store.ts'
import { copyStore } from '../db/copy.ts'
import type { Store } from '../db/db.ts'
import { keepSetting, readSetting } from '../db/setting.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { exists, filesIn, makeFolder, removeTree } from '../drivers/host/files.ts'
import { isolation } from '../drivers/host/isolation.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { checkingPages } from '../drivers/postgres/check.ts'
import { postgresCopies } from '../drivers/postgres/copy.ts'
import { dumpOf } from '../drivers/postgres/dump.ts'
import { dumpFiles } from '../drivers/postgres/load.ts'
import { transferring } from '../drivers/postgres/transfer.ts'
import { databasesElsewhere } from '../drivers/postgres/url.ts'
import { redisSnapshot } from '../drivers/redis/redis.ts'
import { restic } from '../drivers/restic/restic.ts'
import { checkBucket } from '../drivers/s3/bucket.ts'
import type { Engine } from '../engine/engine.ts'
import type { Step } from '../engine/plan.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Supervisor } from '../servers/supervisor/supervisor.ts'

export const KIT_KEPT = 'recovery-kit:kept'

const verifiedKey = (place: Place): string => `backup-verified:${placeAddress(place)}`
const placeKey = (place: Place): string => `backup-place:${placeAddress(place)}`

interface Parts {
  home: Home
  store: Store
  apps: AppStore
  releases: ReleaseStore
  clock: Clock
  cluster: BackupPorts['cluster']
  physical: BackupPorts['physical']
  passphrase: () => Promise<Secret>
}

/** The ports of backups, for one home. */
export function backupPorts({ home, store, apps, releases, clock, cluster, physical, passphrase }: Parts) {
  const ports: BackupPorts = {
    home,
    apps,
    releases,
    points: pointStore(store, clock.now),
    cluster,
    physical,
    snapshots: within(
      'restic',
      restic({ password: passphrase, cache: join(home.cache, 'restic'), network: networkEnv(process.env) }),
    ),
    clock,
    policy: () => policyNow({ home, apps, releases }),
    checkBucket: place => checkBucket(place, randomUUID()),
    verified: {
      note: (place, findings) => keepSetting(store, verifiedKey(place), String(findings)),
      last: async place => {
        const found = await readSetting(store, verifiedKey(place))
        return found === null ? null : Number(found)
      },
    },
    known: {
      has: async place => (await readSetting(store, placeKey(place))) !== null,
      add: place => keepSetting(store, placeKey(place), String(clock.now())),
    },
    postgresAccount: () => packageAccount('postgres'),
    copyKeeper: into => copyKeeper(home, store, into),
    dumpOf,
    redisSnapshot,
    freeBytes: path =>
      statfs(path).then(
        disk => disk.bavail * disk.bsize,
        () => null,
      ),
    files: { exists, folder: makeFolder, remove: removeTree, tree: filesIn },
  }
  return ports
}

/** The ports of restores, beyond those of backups. */
export function restorePorts(
  backups: BackupPorts,
  deploys: DeployPorts,
  { store, supervisor }: { store: Store; supervisor: Supervisor },
): RestorePorts {
  const { home, cluster, physical, snapshots, points, postgresAccount: account } = backups
  const copies = postgresCopies({
    at: home.copies,
    run: home.run,
    logs: home.logs,
    supervisor,
    account,
    cluster: () => cluster.place(),
  })
  return {
    ...serving(deploys),
    points,
    restores: restoreStore(store, backups.clock.now),
    cluster,
    physical,
    snapshots,
    copies,
    elsewhere: { ...databasesElsewhere, ...dumpFiles },
    policy: backups.policy,
    transfer: transferring(account),
    scratch: async copy => join(home.copies, copy, 'scratch'),
    rename,
  }
}

/** The ports of deploys that restores need to start instances again. The edge is not among them. */
const serving = ({ edge: _, cluster: __, ...ports }: DeployPorts): Omit<DeployPorts, 'edge' | 'cluster'> =>
  ports

/** The ports of drills. */
export function drillPorts(
  restores: RestorePorts,
  { store, byKit }: { store: Store } & Pick<DrillPorts, 'byKit'>,
): DrillPorts {
  const program = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'isolated.ts'),
  ]
  const { home, apps, releases, runtimes, confined, source, network, systemPath } = restores
  const { points, physical, snapshots, policy, copies, scratch, clock, room, database, cluster } = restores
  // Each port is named, so that a drill gets nothing that could change what serves.
  return {
    ...{ home, apps, releases, runtimes, confined, source, network, systemPath },
    ...{ points, physical, snapshots, policy, copies, scratch, clock, room, database },
    cluster: { port: cluster.port, place: cluster.place, superuser: cluster.superuser },
    drills: drillStore(store, clock.now),
    byKit,
    isolation: isolation(program),
    checkPages: checkingPages(() => packageAccount('postgres')),
  }
}

export function wireBackups(
  ports: BackupPorts,
  { engine, kitKept }: { engine: Engine<Step>; kitKept: () => Promise<boolean> },
) {
  const { home } = ports
  return createBackups({
    ports,
    engine,
    nextRun,
    sameDisk: async path => {
      const [a, b] = await Promise.all([path, home.postgres].map(p => stat(p).catch(() => null)))
      return a !== null && a?.dev === b?.dev
    },
    kitKept,
  })
}

/** Copies the keeper's own files: what a new machine needs to become this server, beyond the backups themselves. */
async function copyKeeper(home: Home, { raw }: Store, into: string): Promise<void> {
  const { [KEPT_STORE]: _, ...files } = keeperFiles(home)
  copyStore(raw, join(into, KEPT_STORE))
  for (const [name, path] of Object.entries(files))
    if (await exists(path)) await copyFile(path, join(into, name))
}
