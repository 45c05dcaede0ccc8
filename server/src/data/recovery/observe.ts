import { redisName } from '../../apps/app/names.ts'
import { keptApps } from '../backups/kept.ts'
import type { BackupPorts } from '../backups/ports.ts'
import type { Place } from '../places/place.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import type { Lost } from './plan.ts'

/** What is read: the keeper's state that was brought back, and the backups at the places. */
export type LookPorts = Pick<BackupPorts, 'apps' | 'releases' | 'physical' | 'snapshots'>

/** What a place has of a server that is gone. The cluster is taken from the place whose WAL reaches furthest. */
export async function observeLost(
  ports: LookPorts,
  place: Place,
  clusterPlaces: readonly Place[] | null,
): Promise<Lost> {
  const given = await ports.apps.ports()
  const kept = new Map((await keptApps(ports)).map(app => [app.name, app]))
  return {
    place: place.name,
    cluster:
      clusterPlaces === null
        ? null
        : ((await furthest(ports, clusterPlaces)) ?? { place: place.name, backup: null, segment: null }),
    apps: (await ports.apps.all()).map(({ name }) => ({
      name,
      files: kept.get(name)?.files ?? false,
      redisPort: given.get(redisName(name)) ?? null,
    })),
    snapshots: await ports.snapshots.list(place),
  }
}

interface Reach {
  place: string
  backup: PhysicalBackup
  segment: string | null
}

/** The place whose WAL reaches furthest, among those that can be read and have a backup: one may have been unreachable for days. */
export async function furthest(
  { physical }: Pick<LookPorts, 'physical'>,
  places: readonly Place[],
): Promise<Reach | null> {
  const reach = await Promise.all(
    places.map(async place => {
      const backup = (await physical.list(place).catch(() => [])).at(-1)
      if (backup === undefined) return []
      const log = await physical.archive(place).catch(() => ({ segments: [] as string[] }))
      return [{ place: place.name, backup, segment: log.segments.at(-1) ?? null }]
    }),
  )
  const [best] = reach.flat().sort((a, b) => ((a.segment ?? '') < (b.segment ?? '') ? 1 : -1))
  return best ?? null
}
