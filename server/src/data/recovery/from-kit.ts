import { join } from 'node:path'
import { currentRelease } from '../../apps/app/app.ts'
import { KEEPER, KEEPER_STATE, keptName } from '../../apps/app/names.ts'
import { appStore } from '../../apps/app/store.ts'
import type { Store } from '../../db/db.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { type Place, placeAddress } from '../places/place.ts'
import type { Physical } from '../repositories/physical.ts'
import type { Snapshot, Snapshots } from '../repositories/snapshots.ts'
import { type Kit, readKit } from './kit.ts'

/** Opens the places of a kit without a keeper. */
export interface KitTools {
  /** The snapshots of each app, and of the keeper. `cache`: a folder that belongs to the caller. */
  snapshotsOf(kit: Kit, cache: string): (owner: string) => Snapshots
  /** The backups of a cluster that does not exist here. `work`: a folder that PostgreSQL's user may enter. */
  physicalOf(kit: Kit, of: { app: string; work: string }): Physical
  /** Restores a keeper's store into an empty folder and opens it. The caller closes it. */
  openKept(snapshots: Snapshots, order: Parameters<Snapshots['restore']>[0]): Promise<Store>
  remove(path: string): Promise<void>
  exists(path: string): Promise<boolean>
}

/** What a recovery uses on the machine that it runs on. */
export interface MachineTools extends KitTools {
  /** Makes a folder that everybody may pass through. */
  folder(path: string): Promise<void>
  /** Writes a file so that a power cut leaves the old one or the new one. */
  write(path: string, content: string): Promise<void>
  /** Failure `database.major`: this PostgreSQL is not installed. */
  hasMajor(major: number): Promise<unknown>
}

/** What a kit alone finds at a place. */
interface Found {
  /** When the keeper's state at the place was taken, in milliseconds since 1970. */
  stateAt: number
  /** The release that serves according to that state; null: it does not know the app. */
  release: string | null
  /** Whether the files of the app's releases are at the place. */
  releases: boolean
  secrets: Readonly<Record<string, string>>
  /** Labels of the cluster's backups. */
  backups: readonly string[]
}

/** `into`: a scratch folder. Failure `backup.key`, `backup.place`, `drill.kit`. */
type ByKit = (order: { place: Place; app: string; into: string; signal: AbortSignal }) => Promise<Found>

/** The newest snapshot of the keeper's state among all of a place; undefined: there is none. */
const keeperIn = (all: readonly Snapshot[]): Snapshot | undefined =>
  all.findLast(snapshot => snapshot.of === KEEPER_STATE)

/** The newest state of the keeper at a place, or why there is none. */
export type Seen = { place: Place } & ({ state: Snapshot; problem: null } | { state: null; problem: string })

/** Looks at all places of the kit, in its order. */
export async function lookAtPlaces(
  kit: Kit,
  snapshots: Snapshots,
  exists: KitTools['exists'],
): Promise<Seen[]> {
  const seen: Seen[] = []
  for (const place of kit.places) {
    const absent = await absence(place, exists)
    if (absent !== null) {
      seen.push({ place, state: null, problem: absent })
      continue
    }
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

/** Why there can be nothing at a folder; null: there may be. A disk that is not mounted leaves its folder empty, or away. */
async function absence(place: Place, exists: KitTools['exists']): Promise<string | null> {
  if (place.kind !== 'folder' || (await exists(join(place.path, 'restic')))) return null
  const what = (await exists(place.path)) ? 'has no backups of Innkeeper in it' : 'is not on this machine'
  return `${place.name}: ${place.path} ${what}: is its disk mounted there?`
}

/** The place with the newest state: another one may have been unreachable for days before the server was lost. */
export function newestState(seen: readonly Seen[]): { place: Place; state: Snapshot } {
  const found = seen.flatMap(({ place, state }) => (state === null ? [] : [{ place, state }]))
  const [best] = found.sort((a, b) => b.state.at - a.state.at)
  if (best !== undefined) return best
  throw new Failure('recover.nothing', 'no place of the kit has what is needed', {
    why: seen.map(({ problem }) => problem).join('\n'),
    fix: 'make one of them reachable: mount the folder where it was, or let this machine reach the bucket',
  })
}

/** Opens a place as a new machine would, without keys, places or caches of this one. `write`: makes the kit's text. */
export function byKit(tools: KitTools, write: () => Promise<string>): ByKit {
  return async ({ place: wanted, app, into, signal }) => {
    const kit = readKit(await write())
    const { name } = wanted
    // The kit has the places of all apps, and may have given this one another name.
    const place = kit.places.find(p => placeAddress(p) === placeAddress(wanted))
    if (place === undefined) throw unknownPlace(name)
    const snapshotsOf = tools.snapshotsOf(kit, join(into, 'kit-cache'))
    const snapshots = snapshotsOf(KEEPER)
    const newest = keeperIn(await snapshots.list(place))
    if (newest === undefined) throw noState(name)
    const state = join(into, 'kit-state')
    await tools.remove(state)
    const store = await tools.openKept(snapshots, { place, id: newest.id, into: state, signal })
    try {
      const apps = appStore(store, Date.now)
      return {
        stateAt: newest.at,
        release: currentRelease(await apps.find(app)),
        releases: (await snapshotsOf(app).list(place)).some(s => s.of === keptName(app, 'releases')),
        secrets: await apps.secrets(app),
        backups: (await tools.physicalOf(kit, { app, work: into }).list(place)).map(backup => backup.label),
      }
    } finally {
      await store.close()
    }
  }
}

const unknownPlace = (name: string): Failure =>
  new Failure('drill.kit', `the recovery kit does not have ${name}`, {
    why: 'the apps here do not name that place any more',
    fix: '`inn backup now`, then `inn drill now`',
  })

const noState = (name: string): Failure =>
  new Failure('drill.kit', `${name} has no state of the keeper`, {
    why: 'no restore point was made there since it is a place',
    fix: '`inn backup now`',
  })
