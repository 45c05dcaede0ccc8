import { keptApps } from '../backups/backups.ts'
import type { Place } from '../backups/place.ts'
import type { BackupPorts } from '../backups/ports.ts'
import type { Lost } from './plan.ts'

/** What is read: the server's own state as it was kept, and what lies at its places. */
export type LookPorts = Pick<BackupPorts, 'apps' | 'releases' | 'physical' | 'snapshots'>

/** What a place has of a server that is gone. `postgres`: a cluster ran there. */
export async function observeLost(ports: LookPorts, place: Place, postgres: boolean): Promise<Lost> {
  const given = await ports.apps.ports()
  const kept = new Map((await keptApps(ports)).map(app => [app.name, app]))
  return {
    place: place.name,
    cluster: postgres ? await clusterAt(ports, place) : null,
    apps: (await ports.apps.all()).map(({ name }) => ({
      name,
      files: kept.get(name)?.files ?? false,
      redisPort: given.get(`${name}.redis`) ?? null,
    })),
    snapshots: await ports.snapshots.list(place),
  }
}

async function clusterAt({ physical }: LookPorts, place: Place): Promise<Lost['cluster']> {
  const backup = (await physical.list(place)).at(-1) ?? null
  // Without a backup, there is nothing that the log could be replayed on.
  const segment = backup === null ? null : ((await physical.archive(place)).segments.at(-1) ?? null)
  return { backup, segment }
}
