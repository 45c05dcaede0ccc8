import { randomUUID } from 'node:crypto'
import { copyFile, readdir, rename, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { KEEPER } from '../apps/app/names.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import type { Home } from '../config/home.ts'
import { createBackups } from '../data/backups/backups.ts'
import { KEPT_STORE, keeperFiles } from '../data/backups/keeper-files.ts'
import { keeperPolicyNow, policyNow } from '../data/backups/kept.ts'
import type { BackupsPorts, OwnerPorts } from '../data/backups/ports.ts'
import { pointStore } from '../data/backups/store.ts'
import type { DrillPorts, DrillsPorts } from '../data/drills/ports.ts'
import { drillStore } from '../data/drills/store.ts'
import { type Place, placeAddress } from '../data/places/place.ts'
import { within } from '../data/repositories/within.ts'
import { lostSpans } from '../data/restores/lineage.ts'
import type { RestorePorts, RestoresPorts } from '../data/restores/ports.ts'
import { restoreStore } from '../data/restores/store.ts'
import { copyStore } from '../db/copy.ts'
import type { Store } from '../db/db.ts'
import { keepSetting, readSetting } from '../db/setting.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { exists, filesIn, makeFolder, removeTree } from '../drivers/host/files.ts'
import { isolation } from '../drivers/host/isolation.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { programBeside } from '../drivers/host/program.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { runtimes } from '../drivers/npm/runtimes.ts'
import { checkingPages } from '../drivers/postgres/check.ts'
import { postgresCopies } from '../drivers/postgres/copy.ts'
import { dumpOf, listeningAt } from '../drivers/postgres/dump.ts'
import { whilePostgresAnswers } from '../drivers/postgres/frozen.ts'
import { dumpFiles } from '../drivers/postgres/load.ts'
import { databasesElsewhere } from '../drivers/postgres/url.ts'
import { redisSnapshot } from '../drivers/redis/redis.ts'
import { restic } from '../drivers/restic/restic.ts'
import { checkBucket } from '../drivers/s3/bucket.ts'
import { sqliteCopies } from '../drivers/sqlite/copies.ts'
import type { Engine } from '../engine/engine.ts'
import type { Step } from '../engine/plan.ts'
import { perName } from '../kernel/per-name.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Ground } from './ground.ts'
import { confining } from './wire-deploys.ts'

export const KIT_KEPT = 'recovery-kit:kept'

/** Snapshots of one owner: each has a repository of its own at a place, so that they do not wait for each other. */
export const snapshotsOf =
  (passphrase: () => Promise<Secret>, cache: string) =>
  (owner: string): OwnerPorts['snapshots'] =>
    within(
      `restic/${owner}`,
      restic({ password: passphrase, cache: join(cache, owner), network: networkEnv(process.env) }),
    )

/** The ports of backups of every app, and of the keeper's own state. */
export function backupPorts(ground: Ground): BackupsPorts {
  const { home, store, apps, releases, clusters, physicalOf, passphrase } = ground
  const snapshots = snapshotsOf(passphrase, join(home.cache, 'restic'))
  const restores = restoreStore(store, ground.clock.now)
  return {
    apps,
    of: perName(app => ({
      ...ownerPorts(ground, app, snapshots(app)),
      points: pointStore(store, ground.clock.now, app),
      policy: () => policyNow({ home, apps, releases }, app),
      apps,
      releases,
      cluster: clusters.of(app),
      physical: physicalOf(app),
      lost: async () => lostSpans(await restores.branches(app)),
      dumpOf,
      answering: (url, signal, work) => whilePostgresAnswers(listeningAt(url), signal, work),
      redisSnapshot,
      sqliteCopies: sqliteCopies({
        filesOf: name => home.app(name).shared,
        runtimes: runtimes(home.runtimes, networkEnv(process.env)),
        ...confining(ground),
      }),
    })),
    keeper: {
      ...ownerPorts(ground, KEEPER, snapshots(KEEPER)),
      points: pointStore(store, ground.clock.now, null),
      policy: () => keeperPolicyNow({ home, apps, releases }),
      copyKeeper: async into => copyKeeper(home, store, { into, clusters: await clusters.apps() }),
    },
  }
}

/** What backups of each owner have in common. */
function ownerPorts(
  { home, store, clock }: Ground,
  owner: string,
  snapshots: OwnerPorts['snapshots'],
): Omit<OwnerPorts, 'points' | 'policy'> {
  const key = (what: string, place: Place) => `backup-${what}:${owner}:${placeAddress(place)}`
  return {
    app: owner,
    home,
    snapshots,
    clock,
    checkBucket: place => checkBucket(place, randomUUID()),
    verified: {
      note: (place, findings) => keepSetting(store, key('verified', place), String(findings)),
      last: async place => {
        const found = await readSetting(store, key('verified', place))
        return found === null ? null : Number(found)
      },
    },
    known: {
      has: async place => (await readSetting(store, key('place', place))) !== null,
      add: place => keepSetting(store, key('place', place), String(clock.now())),
    },
    freeBytes: path =>
      statfs(path).then(
        disk => disk.bavail * disk.bsize,
        () => null,
      ),
    files: { exists, folder: makeFolder, remove: removeTree, tree: filesIn },
  }
}

/** The ports of restores of each app, beyond those of backups. */
export function restorePorts(backups: BackupsPorts, deploys: DeployPorts, ground: Ground): RestoresPorts {
  const { home, supervisor, store, clock } = ground
  const restores = restoreStore(store, clock.now)
  const account = () => packageAccount('postgres')
  return {
    clock,
    restores,
    clusters: ground.clusters.apps,
    of: perName((app): RestorePorts => {
      const { cluster, physical, snapshots, points, policy } = backups.of(app)
      const at = join(home.copies, app)
      const place = () => cluster.expected()
      return {
        ...serving(deploys),
        ...{ app, points, restores, cluster, physical, snapshots, policy, rename },
        copies: postgresCopies({
          app,
          at,
          run: home.run,
          logs: home.logs,
          supervisor,
          account,
          cluster: place,
        }),
        elsewhere: { ...databasesElsewhere, ...dumpFiles },
        scratch: async copy => join(at, copy, 'scratch'),
        inCluster: () => readdir(home.cluster(app)).catch(() => []),
      }
    }),
  }
}

/** The ports of deploys that restores need to start instances again. The edge is not among them. */
const serving = ({ edge: _, clusters: __, ...ports }: DeployPorts): Omit<DeployPorts, 'edge' | 'clusters'> =>
  ports

/** The ports of drills of each app. */
export function drillPorts(
  restores: RestoresPorts,
  { ground, byKit }: { ground: Ground } & Pick<DrillPorts, 'byKit'>,
): DrillsPorts {
  const program = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    programBeside(import.meta, 'isolated'),
  ]
  const { clock, apps, releases } = ground
  const drills = drillStore(ground.store, clock.now)
  const apart = isolation(program)
  return {
    ...{ clock, apps, releases, drills },
    of: perName((app): DrillPorts => {
      const { home, runtimes, confined, source, network, systemPath, cluster, ...own } = restores.of(app)
      const { points, physical, snapshots, policy, copies, scratch, room, database } = own
      // Each port is named, so that a drill gets nothing that could change what serves.
      return {
        ...{ app, home, apps, releases, runtimes, confined, source, network, systemPath },
        ...{ points, physical, snapshots, policy, copies, scratch, clock, room, database, drills, byKit },
        cluster: { port: cluster.port, place: cluster.place, superuser: cluster.superuser },
        branches: () => restores.restores.branches(app),
        isolation: apart,
        checkPages: checkingPages(() => packageAccount('postgres')),
      }
    }),
  }
}

export function wireBackups(
  ports: BackupsPorts,
  { ground, engine, kitKept }: { ground: Ground; engine: Engine<Step>; kitKept: () => Promise<boolean> },
) {
  const { home, store, clock } = ground
  return createBackups({
    ports,
    points: pointStore(store, clock.now),
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
async function copyKeeper(
  home: Home,
  { raw }: Store,
  { into, clusters }: { into: string; clusters: readonly string[] },
): Promise<void> {
  const { [KEPT_STORE]: _, ...files } = keeperFiles(home, clusters)
  copyStore(raw, join(into, KEPT_STORE))
  for (const [name, path] of Object.entries(files))
    if (await exists(path)) await copyFile(path, join(into, name))
}
