import { parseKept } from '../../apps/app/names.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import { walGaps } from '../backups/due.ts'
import { lacking, sayMissing } from '../backups/missing.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { Of, Proof } from './level.ts'
import type { DrillPorts } from './ports.ts'

/** L0: looks up at the place what the restore point names, down to the full backup that the others build on. */
export async function objectLevel(ports: DrillPorts, step: Of<'drill.objects'>): Promise<Proof> {
  const point = await ports.points.get(step.point)
  const place = await placeNamed(ports, step.place)
  const backups = await ports.physical.list(place)
  const snapshots = (await ports.snapshots.list(place)).map(snapshot => snapshot.id)
  const own = point.parts.filter(part => part.place === step.place)
  const missing = own
    .filter(part => part.of !== 'cluster' && !snapshots.includes(part.id))
    .map(part => `${part.of} (${part.id})`)
  const chain = chainOf(backups, step.backup)
  const lost = [...chain.missing, ...missing]
  if (lost.length > 0)
    throw new Failure('drill.lost', `${step.place} does not have all of ${step.point}`, {
      why: `missing: ${list(lost)}`,
      fix: '`inn backup now`; if it happens again, do not trust this place',
    })
  const others = [...new Set(point.parts.map(part => part.place))].filter(name => name !== step.place)
  return {
    detail: `${count(own.length, 'part')}, on ${count(chain.there.length, 'backup')} of the cluster`,
    unproven: [
      ...others.map(name => `what lies at ${name}: a later drill takes it from there`),
      ...lacking(point, step.place)
        .filter(({ of }) => parseKept(of)?.app === step.app)
        .map(sayMissing),
    ],
  }
}

function chainOf(backups: readonly PhysicalBackup[], last: string) {
  const there: PhysicalBackup[] = []
  for (let label: string | null = last; label !== null; ) {
    const backup = backups.find(b => b.label === label && !b.error)
    if (backup === undefined) return { there, missing: [`the backup ${label}`] }
    there.push(backup)
    label = backup.prior
  }
  return { there, missing: [] }
}

/** L1: checks the cluster's backup and WAL, and only the structure of snapshots: `inn backup verify` reads their bytes. */
export async function checksumLevel(
  ports: DrillPorts,
  step: Of<'drill.checksums'>,
  { signal, say }: StepContext,
): Promise<Proof> {
  const { segment } = await ports.points.get(step.point)
  const place = await placeNamed(ports, step.place)
  const backups = await ports.physical.list(place)
  const { firstSegment } = backups.find(b => b.label === step.backup)!
  const { segments } = await ports.physical.archive(place)
  const bytes = backups.reduce((sum, backup) => sum + backup.storedBytes, 0)
  say(
    `${count(backups.length, 'backup')}, ${showSize(bytes)}, and ${count(segments.length, 'segment')} to read`,
  )
  // Only up to the point's own moment: after it, retention may have left gaps.
  const needed = segments.filter(name => segment === null || name <= segment)
  const gaps = walGaps(needed, firstSegment)
  const found = [
    ...gaps.map(gap => `write-ahead log is missing between ${gap.after} and ${gap.before}`),
    ...(segment === null || segments.includes(segment) ? [] : [`the segment ${segment} is missing`]),
    ...(await ports.physical.verify(place, signal)).map(finding => finding.what),
    ...(await ports.snapshots.check(place, { data: false, signal })).map(finding => finding.what),
  ]
  signal.throwIfAborted()
  if (found.length > 0)
    throw new Failure(
      'backup.damaged',
      `${count(found.length, 'thing')} at ${step.place} cannot be trusted`,
      {
        why: found.slice(0, 20).join('\n'),
        fix: 'take a new full backup: `inn backup now --full`; if it happens again, do not trust this place',
      },
    )
  return {
    detail: `${count(backups.length, 'backup')}, ${showSize(bytes)}, and ${count(segments.length, 'segment')} read`,
    unproven: ['each byte of files, Redis and dumps: inn backup verify reads them'],
  }
}
