import type { Cluster } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { type BucketPlace, type Place, placeAddress } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import type { Physical } from './physical.ts'
import type { Finding } from './snapshots.ts'

/** What it takes to look at a place without writing to it. */
export interface PlaceEyes {
  /** Places that were ready once. */
  known: { has(place: Place): Promise<boolean>; add(place: Place): Promise<void> }
  files: { exists(path: string): Promise<boolean> }
}

/** What it takes to make a place ready. */
export interface PlacePorts extends PlaceEyes {
  /** Puts, reads, lists and deletes objects as a backup would. Returns what does not work as it must. */
  checkBucket(place: BucketPlace): Promise<Finding[]>
  /** Free bytes on the disk of a folder; null: the folder does not exist yet. */
  freeBytes(path: string): Promise<number | null>
  cluster: Pick<Cluster, 'place'>
  physical: Pick<Physical, 'prepare'>
}

/** What it takes to set where the cluster's WAL is archived to. */
export interface ArchivePorts extends Pick<PlaceEyes, 'known'> {
  policy(): Promise<Policy>
  cluster: Pick<Cluster, 'place'>
  physical: Pick<Physical, 'archiveTo' | 'archiveNowhere'>
}

/** The place of an app with that name. Fails when the app does not ask for it any more. */
export async function placeNamed(
  ports: { app: string; policy(): Promise<Policy> },
  name: string,
): Promise<Place> {
  const { places } = await ports.policy()
  const found = places.find(place => place.name === name)
  if (found !== undefined) return found
  throw new Failure('place.unknown', `there is no place ${name} for backups of ${ports.app}`, {
    why: `it has ${places.map(p => p.name).join(', ')}`,
    fix: 'backups: where: in innkeeper.yaml names them',
  })
}

/**
 * Makes a place ready to be written to. S3-compatible stores may differ from S3 in ways that break backups, so each
 * bucket is tried once before anything depends on it.
 */
export async function placeReady(ports: PlacePorts, place: Place): Promise<void> {
  const known = await ports.known.has(place)
  if (place.kind === 's3' && !known) {
    const found = await ports.checkBucket(place)
    if (found.length > 0) throw unfit(place, found)
  }
  if (place.kind === 'folder') {
    const free = await ports.freeBytes(place.path)
    if (free !== null && free < LEAST_BYTES) throw full(place, free)
    await mounted(ports, place)
  }
  if ((await ports.cluster.place()) !== null) await ports.physical.prepare(place)
  // Without a cluster nothing is written before the first backup, so nothing can be missing yet.
  if (!known && (await isWritten(ports, place))) await ports.known.add(place)
}

/** Failure `backup.place`: the place held backups before and is empty now, so its disk is probably not mounted. */
export async function mounted(ports: PlaceEyes, place: Place): Promise<void> {
  if ((await ports.known.has(place)) && !(await isWritten(ports, place))) throw unmounted(place)
}

/** Whether backups were written here. A bucket always counts; a folder may be the empty mount point of a disk that is not mounted. */
async function isWritten({ files }: Pick<PlaceEyes, 'files'>, place: Place): Promise<boolean> {
  if (place.kind === 's3') return true
  const any = await Promise.all(['restic', 'pgbackrest'].map(name => files.exists(`${place.path}/${name}`)))
  return any.includes(true)
}

/** Archives to every place that was ready once, also while it is away: leaving it out would make a gap in its log. */
export async function archiveToAll(ports: ArchivePorts): Promise<void> {
  if ((await ports.cluster.place()) === null) return
  const { places, on } = await ports.policy()
  if (!on) return ports.physical.archiveNowhere()
  const known = await Promise.all(places.map(place => ports.known.has(place)))
  const ready = places.filter((_, n) => known[n])
  if (ready.length > 0) await ports.physical.archiveTo(ready)
}

/** Room for a few WAL segments. With less, the first failure would come from a tool that does not name the disk. */
const LEAST_BYTES = 64 * 1024 ** 2

const full = (place: Place, free: number): Failure =>
  new Failure('backup.space', `no space is left at ${place.name} (${placeAddress(place)})`, {
    why: `${showSize(free)} are free, and the write-ahead log of a few minutes takes more`,
    fix: 'free some space there, or let backups: in innkeeper.yaml keep fewer',
  })

/** Writing to it all the same would fill the disk below the mount point, and the folder would look like a place with backups. */
const unmounted = (place: Place): Failure =>
  new Failure('backup.place', `${place.name} (${placeAddress(place)}) is empty, and held backups before`, {
    why: 'a disk that is not mounted looks like that',
    fix: 'mount it; if they were removed on purpose: name the folder otherwise in backups: where:',
  })

function unfit(place: Place, found: readonly Finding[]): Failure {
  return new Failure(
    'backup.bucket',
    `${place.name} (${placeAddress(place)}) does not do what backups need`,
    {
      why: found.map(finding => finding.what).join('\n'),
      fix: 'check bucket, region and keys in backups: where: of innkeeper.yaml, and what the key may do; then: `inn backup now`',
    },
  )
}
