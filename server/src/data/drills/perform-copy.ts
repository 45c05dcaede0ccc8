import type { StepContext } from '../../engine/run.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import { HANG_UP_MS } from '../backups/manifest.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import { ownOf, proveContent } from '../restores/proof.ts'
import { findFaults, unvalidatedConstraints } from './integrity.ts'
import type { Of, Proof } from './level.ts'
import type { DrillPorts } from './ports.ts'

/** Disk space that a copy needs, in sizes of the database: the files, and the WAL that is replayed. */
const TIMES = 2
const RESERVE = 2 * 1024 ** 3

/** L2: restores a copy at low priority, without archiving. Nobody reaches it over the network. */
export async function copyLevel(
  ports: DrillPorts,
  step: Of<'drill.copy'>,
  { signal, say }: StepContext,
): Promise<Proof> {
  const { clock } = ports
  await roomFor(ports)
  const begun = clock.now()
  const { label, bytes } = await ports.copies.fetch(ports.physical, {
    name: step.copy,
    place: await placeNamed(ports, step.place),
    target: { kind: 'point', name: step.point, backup: step.backup, timeline: step.timeline },
    port: null,
    background: true,
    replaces: false,
    signal,
    onProgress: progressTo(say, clock.now),
  })
  const fetched = clock.now()
  say('bringing it to the moment')
  await ports.copies.start(step.copy, signal)
  await ports.drills.measured(step.drill, { rtoMs: clock.now() - begun })
  const times = `fetched in ${showDuration(fetched - begun)}, reached in ${showDuration(clock.now() - fetched)}`
  return { detail: `${label}, ${showSize(bytes)}: ${times}` }
}

async function roomFor(ports: DrillPorts): Promise<void> {
  const [row] = await ports.cluster.superuser(query =>
    query('select sum(pg_database_size(oid))::text as bytes from pg_database'),
  )
  const bytes = Number(row!['bytes'] ?? 0)
  const { diskFree } = await ports.room()
  if (diskFree >= bytes * TIMES + RESERVE) return
  throw new Failure('drill.room', 'there is no room for a copy', {
    why: `the database holds ${showSize(bytes)}, and ${showSize(diskFree)} are free: a restore would not fit either`,
    fix: 'free some space: `df -h`; `inn releases` shows what releases take',
  })
}

/** L3: looks for faults in the copy's pages, indexes, extensions, roles and sequences. */
export async function integrityLevel(
  ports: DrillPorts,
  step: Of<'drill.integrity'>,
  { signal, say }: StepContext,
): Promise<Proof> {
  const access = await ownOf(ports)
  const ask = (work: Parameters<typeof ports.copies.reading<string[]>>[2]) =>
    ports.copies.reading(step.copy, { access, longestMs: HANG_UP_MS }, work)
  const faults = await ask(query => findFaults(query, access))
  const as = await ports.copies.checker(step.copy, access)
  const pages = await ports.checkPages({ as, database: access.name, signal, say })
  const found = [...faults, ...pages]
  if (found.length > 0)
    throw new Failure(
      'drill.unsound',
      `${count(found.length, 'thing')} in the copy ${found.length === 1 ? 'is' : 'are'} not sound`,
      {
        why: found.slice(0, 20).join('\n'),
        fix: 'see whether the live database has the same: it is in the backup as it was there',
      },
    )
  const unproven = await ask(unvalidatedConstraints)
  return { detail: 'pg_amcheck and the catalog find nothing wrong', unproven }
}

/** L4: compares the copy's rows with what was counted when the restore point was made, as a restore does. */
export async function contentLevel(ports: DrillPorts, step: Of<'drill.content'>): Promise<Proof> {
  const { rpoMs, ...proof } = await proveContent(ports, step.copy, await ports.points.get(step.point))
  await ports.drills.measured(step.drill, { rpoMs })
  return proof
}
