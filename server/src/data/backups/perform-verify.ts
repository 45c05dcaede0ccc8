import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { Place } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { Finding } from '../repositories/snapshots.ts'
import { walGaps } from './due.ts'
import { givenUp } from './missing.ts'
import { noMoreGood, noteLost, seenAt } from './note-lost.ts'
import type { AppKeeping, PlaceTools } from './ports.ts'
import type { BackupStep } from './step.ts'

/** Reads every stored byte of an app at a place, and looks for what is gone as a whole. Points that lost a part there are good there no more. */
export async function verify(
  ports: AppKeeping & Pick<PlaceTools, 'verified'>,
  step: Extract<BackupStep, { kind: 'backup.verify' }>,
  { signal }: StepContext,
): Promise<string> {
  const place = await placeNamed(ports, step.place)
  const physical = (await ports.cluster.expected()) === null ? [] : await verifyCluster(ports, place, signal)
  const parts = await lostParts(ports, place)
  const found = [...physical, ...parts, ...(await ports.snapshots.check(place, { data: true, signal }))]
  await ports.verified.note(place, found.length)
  if (found.length === 0) return 'all as it was written'
  throw new Failure('backup.damaged', `${count(found.length, 'thing')} at ${place.name} cannot be trusted`, {
    why: found
      .slice(0, 20)
      .map(finding => finding.what)
      .join('\n'),
    fix: 'take a new full backup: `inn backup now --full`; if it happens again, do not trust this place',
  })
}

/** No backup at all is a finding too: a check of nothing finds nothing wrong. */
async function verifyCluster(ports: AppKeeping, place: Place, signal: AbortSignal): Promise<Finding[]> {
  const { backups, segments, lost } = await seenAt(ports, place)
  if (backups.length === 0) return [{ what: 'there is no backup of the cluster to verify' }]
  await noteLost(ports, place, lost)
  const gaps = walGaps(segments, backups.at(-1)!.firstSegment)
  return [
    ...[...lost].map(([label, why]) => ({ what: `the backup ${label} cannot be restored: ${why}` })),
    ...gaps.map(gap => ({ what: `write-ahead log is missing between ${gap.after} and ${gap.before}` })),
    ...(await ports.physical.verify(place, signal)),
  ]
}

/** Parts that good points have at the place, and that its lists do not name any more. */
async function lostParts(ports: AppKeeping, place: Place): Promise<Finding[]> {
  // Of a cluster whose files are gone too: its backups are what it comes back from.
  const labels = (await ports.cluster.expected()) === null ? [] : await ports.physical.list(place)
  const ids = (await ports.snapshots.list(place)).map(snapshot => snapshot.id)
  const there = new Set([...labels.map(backup => backup.label), ...ids])
  const found: Finding[] = []
  for (const { name, state, parts, missing } of await ports.points.list()) {
    if (state !== 'good' || givenUp({ missing }).has(place.name)) continue
    for (const part of parts.filter(one => one.place === place.name && !there.has(one.id))) {
      const why = `${part.of} (${part.id}) is gone`
      found.push({ what: `of the point ${name}, ${why}` })
      await noMoreGood(ports, place, { id: part.id, why })
    }
  }
  return found
}
