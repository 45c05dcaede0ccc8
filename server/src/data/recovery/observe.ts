import { poolerName, redisName } from '../../apps/app/names.ts'
import { currentReleases } from '../../apps/releases/current.ts'
import type { AppConfig } from '../../config/config.ts'
import { keptApps } from '../backups/kept.ts'
import type { BackupPorts } from '../backups/ports.ts'
import type { Place } from '../places/place.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { type AtPlace, baseOfEnd, endOfLog, mayBegin } from './ancestors.ts'
import type { Lost, LostApp } from './plan.ts'

/** What is read: the keeper's state that was brought back, and the backups of each app at its places. */
export interface LookPorts extends Pick<BackupPorts, 'apps' | 'releases'> {
  /** Apps that had a cluster. */
  clusters: readonly string[]
  of(app: string): Pick<BackupPorts, 'physical' | 'snapshots' | 'policy'>
}

/** What the places have of a server that is gone. `from`: where the keeper's state came from. */
export async function observeLost(ports: LookPorts, from: string): Promise<Lost> {
  const given = await ports.apps.ports()
  const kept = await keptApps(ports)
  const configs = new Map(
    (await currentReleases(ports)).map(({ app, release }) => [app.name, release.config]),
  )
  const apps = (await ports.apps.all()).map(async ({ name }): Promise<LostApp> => {
    const own = ports.of(name)
    const { places } = await own.policy()
    const none = { place: places[0]?.name ?? from, backup: null, segment: null, reaches: null }
    return {
      name,
      files: kept.get(name)?.files ?? false,
      redisPort: given.get(redisName(name)) ?? null,
      pooler: poolerOf(configs.get(name), given.get(poolerName(name))),
      cluster: ports.clusters.includes(name) ? ((await furthest(own, places)) ?? none) : null,
      ...(await newestAt(own, places, from)),
    }
  })
  return { place: from, apps: await Promise.all(apps) }
}

/** The pooler that the release which served asked for, at the port that its environment names. */
function poolerOf(config: AppConfig | undefined, port: number | undefined): LostApp['pooler'] {
  const { pooling, role, major } = config?.database ?? {}
  if (pooling === undefined || role === undefined || port === undefined) return null
  return { port, role, pooling, ...(major === undefined ? {} : { major }) }
}

/** The snapshots of the app's place where they are newest: another one may have been unreachable for days. */
async function newestAt(
  { snapshots }: Pick<BackupPorts, 'snapshots'>,
  places: readonly Place[],
  from: string,
): Promise<Pick<LostApp, 'place' | 'snapshots'>> {
  const found = await Promise.all(
    places.map(async place => ({
      place: place.name,
      snapshots: await snapshots.list(place).catch(() => []),
    })),
  )
  const last = ({ snapshots: all }: Pick<LostApp, 'snapshots'>) => all.at(-1)?.at ?? 0
  const [best] = found.toSorted((a, b) => last(b) - last(a))
  return best ?? { place: from, snapshots: [] }
}

interface Reach {
  place: string
  backup: PhysicalBackup
  segment: string | null
  /** When that segment came to the place, in milliseconds since 1970: the log reaches about that moment. null: not known. */
  reaches: number | null
}

/**
 * The place whose WAL reaches furthest, among those that can be read and have a backup: one may have been unreachable for
 * days. `label`: the backup to begin from. Failure `backup.unknown`, `recover.backup`.
 */
export async function furthest(
  { physical }: Pick<BackupPorts, 'physical'>,
  places: readonly Place[],
  label?: string,
): Promise<Reach | null> {
  const seen = await Promise.all(places.map(async place => ({ place, ...(await endAt(physical, place)) })))
  const fits = label === undefined ? () => true : mayBegin(label, seen)
  const reach = seen.filter(fits).flatMap(({ place, ...at }) => {
    const backup = label === undefined ? baseOfEnd(at) : at.backups.find(one => one.label === label)
    return backup === undefined ? [] : [{ place, backup, segment: endOfLog(at) ?? null }]
  })
  const [best] = reach.sort((a, b) => ((a.segment ?? '') < (b.segment ?? '') ? 1 : -1))
  if (best === undefined) return null
  const { place, segment } = best
  const reaches = segment === null ? null : await physical.arrivedAt(place, segment).catch(() => null)
  return { ...best, place: place.name, reaches }
}

async function endAt(physical: BackupPorts['physical'], place: Place): Promise<AtPlace> {
  const backups = await physical.list(place).catch(() => [])
  if (backups.length === 0) return { backups, segments: [], history: [] }
  const { segments } = await physical.archive(place).catch(() => ({ segments: [] as string[] }))
  return { backups, segments, history: await physical.history(place).catch(() => []) }
}
