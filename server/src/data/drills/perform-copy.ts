import type { StepContext } from '../../engine/run.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import { HANG_UP_MS, readTables } from '../backups/manifest.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import { comparable, differences } from '../restores/rule.ts'
import { findFaults, unvalidatedConstraints } from './integrity.ts'
import { accessTo, type Of, type Proof } from './level.ts'
import type { DrillPorts } from './ports.ts'
import { farOff } from './rule.ts'

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
  const { name } = await accessTo(ports, step.app)
  await roomFor(ports, name)
  const begun = clock.now()
  const { label, bytes } = await ports.copies.fetch(ports.physical, {
    name: step.copy,
    place: await placeNamed(ports, step.place),
    target: { kind: 'point', name: step.point, backup: step.backup },
    databases: [name, 'innkeeper'],
    port: null,
    background: true,
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

async function roomFor(ports: DrillPorts, database: string): Promise<void> {
  const [row] = await ports.cluster.superuser(query =>
    query('select sum(pg_database_size(oid))::text as bytes from pg_database where datname = $1', [database]),
  )
  const bytes = Number(row!['bytes'] ?? 0)
  const { diskFree } = await ports.room()
  if (diskFree >= bytes * TIMES + RESERVE) return
  throw new Failure('drill.room', 'there is no room for a copy', {
    why: `the database holds ${showSize(bytes)}, and ${showSize(diskFree)} are free: a restore would not fit either`,
    fix: 'free some space: df -h; inn releases shows what releases take',
  })
}

/** L3: looks for faults in the copy's pages, indexes, extensions, roles and sequences. */
export async function integrityLevel(
  ports: DrillPorts,
  step: Of<'drill.integrity'>,
  { signal, say }: StepContext,
): Promise<Proof> {
  const access = await accessTo(ports, step.app)
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

/** L4: compares the copy's rows with the manifest of the restore point. */
export async function contentLevel(ports: DrillPorts, step: Of<'drill.content'>): Promise<Proof> {
  const point = await ports.points.get(step.point)
  const access = await accessTo(ports, step.app)
  const beat = await ports.copies.superuser(step.copy, 'innkeeper', query =>
    query('select at from public.heartbeat'),
  )
  const at = beat[0]?.['at']
  if (!(at instanceof Date)) throw differ('there is no heartbeat in the copy')
  const rpoMs = Math.max(0, point.at - at.getTime())
  await ports.drills.measured(step.drill, { rpoMs })
  const { exact, ...counted } = point.manifest[access.name]!
  const found = await ports.copies.reading(step.copy, { access, longestMs: HANG_UP_MS }, readTables)
  const unread = { ...counted.uncounted, ...found.uncounted }
  const [tables, there] = [comparable(counted.tables, unread), comparable(found.tables, unread)]
  const wrong = exact ? differences(tables, there) : farOff(tables, there)
  if (wrong.length > 0) throw differ(wrong.slice(0, 20).join('\n'))
  const rows = Object.values(there).reduce((sum, table) => sum + table.rows, 0)
  const last = `the last heartbeat is ${showDuration(rpoMs)} older than the moment`
  const read = `${count(Object.keys(there).length, 'table')}, ${count(rows, 'row')}`
  if (exact)
    return { detail: `${read}, as counted; ${last}`, unproven: [...unhashed(tables), ...unproven(unread)] }
  return {
    detail: `${read}, about as many as were counted; ${last}`,
    unproven: ['that each row is there: rows were written while they were counted', ...unproven(unread)],
  }
}

const unhashed = (tables: Readonly<Record<string, { hash: string | null }>>): string[] =>
  Object.entries(tables)
    .filter(([, { hash }]) => hash === null)
    .map(([table]) => `each value in ${table}: it is too large, its rows were counted alone`)

const unproven = (unread: Readonly<Record<string, string>>): string[] =>
  Object.entries(unread).map(([table, why]) => `the rows of ${table}: ${why}`)

const differ = (why: string): Failure =>
  new Failure('drill.differs', 'the copy does not hold what was there', {
    why,
    fix: 'inn backup now --full, then inn drill now; until then trust an earlier point: inn backup list',
  })
