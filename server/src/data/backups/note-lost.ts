import type { Place } from '../places/place.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { lostBackups } from './lost.ts'
import { givenUp, WHOLE_PLACE } from './missing.ts'
import type { BackupPorts } from './ports.ts'

export interface Seen {
  /** Oldest first. */
  backups: readonly PhysicalBackup[]
  /** The WAL segments that the archive has; none without a backup. */
  segments: readonly string[]
  /** Backups that the place names and that cannot be restored: label → what is gone. */
  lost: ReadonlyMap<string, string>
}

/** What a place has of the cluster, and what is gone of it. A place without a backup is not asked for its archive. */
export async function seenAt({ physical }: Pick<BackupPorts, 'physical'>, place: Place): Promise<Seen> {
  const backups = await physical.list(place)
  if (backups.length === 0) return { backups, segments: [], lost: new Map() }
  const { segments } = await physical.archive(place)
  return { backups, segments, lost: lostBackups({ backups, segments, listed: await physical.listed(place) }) }
}

/** Points of these backups are good at the place no more. */
export async function noteLost(
  ports: Pick<BackupPorts, 'points'>,
  place: Place,
  lost: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [label, why] of lost) await noMoreGood(ports, place, { id: label, why: `${label}: ${why}` })
}

/** Points with this part are good at the place no more; those that are good nowhere have failed. */
export async function noMoreGood(
  { points }: Pick<BackupPorts, 'points'>,
  place: Place,
  { id, why }: { id: string; why: string },
): Promise<void> {
  for (const point of await points.list()) {
    if (point.state !== 'good' || givenUp(point).has(place.name)) continue
    if (!point.parts.some(part => part.place === place.name && part.id === id)) continue
    await points.miss(point.name, { of: WHOLE_PLACE, place: place.name, why })
    const left = new Set(point.parts.map(part => part.place)).difference(
      new Set([...givenUp(point), place.name]),
    )
    if (left.size === 0) await points.fail(point.name, why)
  }
}

/** The app was removed with its data: what its points name belongs to a database that is gone. */
export async function givePointsUp({ points }: Pick<BackupPorts, 'points'>): Promise<void> {
  for (const { name, state } of await points.list())
    if (state !== 'failed') await points.fail(name, 'the app was removed with its data')
}
