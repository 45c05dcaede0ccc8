import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { homeAt } from '../config/home.ts'
import type { Place } from '../data/places/place.ts'
import type { Kit } from '../data/recovery/kit.ts'
import type { Physical } from '../data/repositories/physical.ts'
import type { Snapshot, Snapshots } from '../data/repositories/snapshots.ts'
import { within } from '../data/repositories/within.ts'
import { openStore, type Store } from '../db/db.ts'
import { exists } from '../drivers/host/files.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { restic } from '../drivers/restic/restic.ts'
import { describe, Failure } from '../kernel/failure.ts'

/** What the kit's key opens, without a keeper. `cache`: a folder of ours. */
export const snapshotsOf = (kit: Kit, cache: string): Snapshots =>
  within('restic', restic({ password: async () => kit.passphrase, cache, network: networkEnv(process.env) }))

/** The same of a cluster that is not there, as far as its backups ask. `work`: a folder that PostgreSQL's user may pass. */
export const physicalOf = (root: string, { postgres, passphrase }: Kit, work: string): Physical =>
  pgbackrest({
    at: join(work, 'pgbackrest'),
    account: () => packageAccount('postgres'),
    passphrase: async () => passphrase,
    cluster: async () =>
      postgres === null
        ? null
        : {
            major: postgres,
            bin: `/usr/lib/postgresql/${postgres}/bin`,
            data: join(homeAt(root).postgres, String(postgres)),
            socketFolder: homeAt(root).run,
            port: 5432,
            user: 'innkeeper',
            passFile: join(work, 'pgpass'),
          },
  })

/** Of all that a place has; undefined: no keeper was ever kept there. */
export const keeperIn = (all: readonly Snapshot[]): Snapshot | undefined =>
  all.findLast(snapshot => snapshot.of === 'keeper/state')

/** The store of a keeper as it was kept, brought into an empty folder. The caller closes it. */
export async function openKept(
  snapshots: Snapshots,
  order: Parameters<Snapshots['restore']>[0],
): Promise<Store> {
  await mkdir(order.into, { mode: 0o700 })
  await snapshots.restore(order)
  return openStore(join(order.into, 'keeper.db'))
}

/** The newest state of the keeper at a place, or why there is none. */
export type Seen = { place: Place } & ({ state: Snapshot; problem: null } | { state: null; problem: string })

/** All places of the kit, in its order. */
export async function lookAtPlaces(kit: Kit, snapshots: Snapshots): Promise<Seen[]> {
  const seen: Seen[] = []
  for (const place of kit.places) {
    try {
      const state = keeperIn(await snapshots.list(place))
      seen.push(
        state === undefined
          ? { place, state: null, problem: `${place.name} has no state of a keeper` }
          : { place, state, problem: null },
      )
    } catch (error) {
      const { what, why } = describe(error)
      seen.push({ place, state: null, problem: `${what}: ${why}` })
    }
  }
  return seen
}

/** The place to recover from: it may have been away for days before the server was lost. */
export function newestState(seen: readonly Seen[]): { place: Place; state: Snapshot } {
  const found = seen.flatMap(({ place, state }) => (state === null ? [] : [{ place, state }]))
  const [best] = found.sort((a, b) => b.state.at - a.state.at)
  if (best !== undefined) return best
  throw new Failure('recover.nothing', 'no place of the kit has what is needed', {
    why: seen.map(({ problem }) => problem).join('\n'),
    fix: 'make one of them reachable: mount the folder where it was, or let this machine reach the bucket',
  })
}

/** Failure: what stands in the way on this machine. */
export async function checkMachine(root: string, kit: Kit): Promise<void> {
  if (root !== kit.home)
    throw new Failure('recover.home', `the kit is of ${kit.home}, and this would be ${root}`, {
      why: 'links and settings of that server name its folder',
      fix: `INNKEEPER_HOME=${kit.home} inn recover --kit …`,
    })
  if (await exists(homeAt(root).store))
    throw new Failure('recover.not-empty', `${root} is in use`, {
      why: 'it has a keeper.db: what is there would be lost',
      fix: 'recover on a machine without Innkeeper; to return to an earlier moment here: inn restore',
    })
  if (kit.postgres === null || (await exists(`/usr/lib/postgresql/${kit.postgres}/bin/postgres`))) return
  throw new Failure('recover.postgres', `PostgreSQL ${kit.postgres} is not installed`, {
    why: 'files of one major version are opened by that version alone',
    fix: `apt-get install postgresql-${kit.postgres}`,
  })
}
