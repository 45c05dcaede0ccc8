import { Failure } from '../kernel/failure.ts'
import { type Place, placeAddress } from './place.ts'
import type { BackupPorts } from './ports.ts'
import type { Finding } from './snapshots.ts'

/** The place of that name; an app may have stopped to ask for it. */
export async function placeNamed(ports: Pick<BackupPorts, 'policy'>, name: string): Promise<Place> {
  const { places } = await ports.policy()
  const found = places.find(place => place.name === name)
  if (found !== undefined) return found
  throw new Failure('place.unknown', `there is no place ${name} for backups`, {
    why: `the apps here name ${places.map(p => p.name).join(', ')}`,
    fix: 'backups: where: in innkeeper.yaml names them',
  })
}

/** Buckets that differ from S3 differ where it hurts: each is tried once, before anything depends on it. */
export async function placesReady(ports: BackupPorts): Promise<void> {
  const { places } = await ports.policy()
  for (const place of places) {
    if (place.kind === 'folder' || (await ports.buckets.known(place))) continue
    const found = await ports.buckets.check(place)
    if (found.length > 0) throw unfit(place, found)
    await ports.buckets.note(place)
  }
  if ((await ports.cluster.place()) !== null) await ports.physical.prepare(places)
}

function unfit(place: Place, found: readonly Finding[]): Failure {
  return new Failure(
    'backup.bucket',
    `${place.name} (${placeAddress(place)}) does not do what backups need`,
    {
      why: found.map(finding => finding.what).join('\n'),
      fix: 'check bucket, region and keys in backups: where: of innkeeper.yaml, and what the key may do; then: inn backup now',
    },
  )
}
