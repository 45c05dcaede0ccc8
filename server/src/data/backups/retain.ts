import { count } from '../../kernel/words.ts'
import type { Place } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { AppKeeping, Keeping } from './ports.ts'
import { planRetention, type Retention, snapshotRetention } from './rule.ts'
import type { Removal } from './step.ts'

/** What of an app is removed from a place once a backup of now is there. It is computed before, so that the plan can show it. */
export async function removalAt(ports: AppKeeping, place: Place, keep: Retention): Promise<Removal> {
  const hasCluster = (await ports.cluster.place()) !== null
  const backups = hasCluster ? await ports.physical.list(place) : []
  const physical = planRetention(backups, keep, ports.clock.now())
  const snapshots = await snapshotsAt(ports, place, keep)
  return { ...snapshots, backups: physical.remove.map(removed => removed.label) }
}

/** Snapshots of one owner that are removed from a place once a backup of now is there. */
export async function snapshotsAt(ports: Keeping, place: Place, keep: Retention): Promise<Removal> {
  const { remove } = snapshotRetention(await ports.snapshots.list(place), keep, ports.clock.now())
  return { place: place.name, backups: [], snapshots: remove.map(removed => removed.id) }
}

/** Removes what of an app is too old at a place. Points that have no part left at any place are forgotten. */
export async function retain(
  ports: AppKeeping,
  { keep, ...removal }: Removal & { keep: Retention },
  signal: AbortSignal,
): Promise<string> {
  const place = await placeNamed(ports, removal.place)
  const there = (await ports.cluster.place()) === null ? [] : await ports.physical.list(place)
  const labels = removal.backups.filter(label => there.some(b => b.label === label))
  // `walOf` is counted again now, because the backup that was just made needs its WAL too.
  const left = there.filter(b => !labels.includes(b.label))
  const { walOf } = planRetention(left, keep, ports.clock.now())
  if (walOf !== null) await ports.physical.expire(place, labels, walOf)
  return retainSnapshots(ports, removal, signal)
}

/** Removes snapshots that are too old at a place, and forgets points that have no part left at any place. */
export async function retainSnapshots(
  ports: Keeping,
  removal: Removal,
  signal: AbortSignal,
): Promise<string> {
  const { place, backups, snapshots } = removal
  if (snapshots.length > 0) await ports.snapshots.forget(await placeNamed(ports, place), snapshots, signal)
  await forgetPoints(ports, removal)
  if (backups.length + snapshots.length === 0) return ''
  return `${count(backups.length, 'backup')} and ${count(snapshots.length, 'snapshot')} removed`
}

async function forgetPoints(ports: Pick<Keeping, 'points'>, removal: Removal): Promise<void> {
  const gone = new Set([...removal.backups, ...removal.snapshots])
  const points = await ports.points.list()
  for (const point of points) {
    const left = point.parts.filter(part => !(part.place === removal.place && gone.has(part.id)))
    if (left.length < point.parts.length) await ports.points.setParts(point.name, left)
  }
  const oldest = Math.min(...points.filter(p => p.parts.length > 0).map(p => p.at))
  const empty = points.filter(p => p.state === 'marked' && p.at < oldest).map(p => p.name)
  const partless = (await ports.points.list()).filter(p => p.state === 'good' && p.parts.length === 0)
  await ports.points.remove([...empty, ...partless.map(p => p.name)])
}
