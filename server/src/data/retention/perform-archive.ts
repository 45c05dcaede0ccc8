import { join } from 'node:path'
import { ownerAt } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { placeNamed, placeReady } from '../repositories/ready.ts'
import { ownOf } from '../restores/proof.ts'
import { readLine } from './copy-text.ts'
import { changeBatch, type Job } from './perform-batch.ts'
import type { Contents, RetentionPorts } from './ports.ts'
import type { Archive, Named, Version } from './retention.ts'
import { nextRows, remaining } from './rule-sql.ts'
import { readingSettings } from './session.ts'

export const ROWS = 'rows.copy'
export const TABLE = 'table.json'

/** Rows of an archive: bounded by their number, and by what they take on the way. */
const MOST_ROWS = 100_000
const MOST_BYTES = 64 * 1024 ** 2

export interface ArchiveJob extends Job {
  rule: Named
  run: string
}

export interface Removed {
  rows: number
  left: number
  bytes: number
}

/** The folder of the home in which an app's rows lie on their way. */
const folderOf = ({ scratch, app }: RetentionPorts, ...more: string[]): string => join(scratch, app, ...more)

/**
 * Archives what earlier runs of the rule began: what was not kept at all places is given up, because nothing of it was
 * deleted; what was kept is read back, and its rows are deleted.
 */
export async function finishEarlier(job: ArchiveJob): Promise<Removed> {
  const { ports, rule } = job
  const sum = { rows: 0, left: 0, bytes: 0 }
  for (const archive of await ports.retention.open(ports.app, rule.name)) {
    if (archive.state === 'taking') await giveUp(job, archive)
    else add(sum, await remove(job, archive))
  }
  return sum
}

export function add(sum: Removed, more: Removed): void {
  sum.rows += more.rows
  sum.left += more.left
  sum.bytes += more.bytes
}

/** Archives the next rows after a key, and deletes them. null: there are none. */
export async function archiveNext(
  job: ArchiveJob,
  after: readonly string[] | null,
): Promise<(Removed & { last: readonly string[] }) | null> {
  const { ports, rule, run, shape } = job
  const { app, clock, retention } = ports
  const at = clock.now()
  const archive = { id: `${rule.name}-${at.toString(36)}`, app, rule: rule.name, run, table: shape.label, at }
  const folder = folderOf(ports, 'archive')
  await ports.rowFiles.empty(folder)
  await extract(job, after, join(folder, ROWS))
  const contents = await ports.rowFiles.look(join(folder, ROWS))
  if (contents.rows === 0) return null
  await ports.rowFiles.note(join(folder, TABLE), description(job))
  await retention.take({ ...archive, ...contents })
  const taken: Archive = { ...archive, ...contents, state: 'taking', parts: [], left: [] }
  try {
    const kept = { ...taken, parts: await keepEverywhere(job, taken, folder), state: 'kept' as const }
    await retention.keep(kept)
    job.say(`${archive.id}: ${count(contents.rows, 'row')} kept and read back`)
    return { ...(await remove(job, kept)), last: await lastKey(job, contents.rows) }
  } catch (error) {
    if ((await retention.get(app, archive.id)).state === 'taking')
      // A place that is away keeps its part until the next run of the rule gives it up.
      await giveUp(job, taken).catch(() => {})
    throw error
  }
}

async function extract(job: ArchiveJob, after: readonly string[] | null, into: string): Promise<void> {
  const { ports, shape, signal } = job
  const access = await ownOf(ports)
  const width = shape.rows > 0 ? shape.bytes / shape.rows : 0
  const most = Math.max(job.rule.batch, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / Math.max(width, 1))))
  await ports.rowFiles.extract({
    from: ownerAt((await ports.cluster.place())!, access),
    database: access.name,
    select: nextRows(job, { what: 'rows', after, most }),
    settings: await readingSettings(ports, signal),
    into,
    via: folderOf(ports, 'extract'),
    signal,
  })
}

/** What the columns of the file are. The first is the version of the row. */
const description = ({ shape, rule }: ArchiveJob): string =>
  `${JSON.stringify({ rule: rule.name, table: shape.label, columns: [{ name: 'xmin', type: 'xid' }, ...shape.columns] }, null, 2)}\n`

/** Nothing is deleted that was not read back, byte for byte, from each place. */
async function keepEverywhere(job: ArchiveJob, archive: Archive, folder: string): Promise<Archive['parts']> {
  const { ports, signal, say } = job
  const parts: Array<Archive['parts'][number]> = []
  const { places } = await ports.policy()
  if (places.length === 0) throw nowhere(ports.app)
  for (const place of places) {
    await placeReady(ports.places, place)
    say(`keeping ${count(archive.rows, 'row')} at ${place.name}`)
    const { id } = await ports.archives.keepFolder({
      ...{ place, of: `${ports.app}/archive`, point: archive.id, at: archive.at, signal, path: folder },
    })
    const part = { place: place.name, id }
    await readBack(job, archive, part)
    parts.push(part)
  }
  return parts
}

/** Brings the file of an archive back from a place. Failure `retention.unverified`: it is not what was kept. */
async function readBack(
  { ports, signal }: Pick<Job, 'ports' | 'signal'>,
  archive: Archive,
  part: Archive['parts'][number],
): Promise<{ rows: string; table: string }> {
  const into = folderOf(ports, 'back')
  await ports.rowFiles.empty(into)
  const place = await placeNamed(ports, part.place)
  await ports.archives.restore({ place, id: part.id, into, signal })
  const file = join(into, ROWS)
  const found = await ports.rowFiles.look(file)
  if (!same(found, archive))
    throw new Failure('retention.unverified', `${archive.id} is not at ${part.place} as it was written`, {
      why: `${count(found.rows, 'row')} came back, and ${count(archive.rows, 'row')} were written, or other ones`,
      fix: `\`inn backup verify ${ports.app}\` looks at the place, and its disk wants a look; no row was deleted for it`,
    })
  return { rows: file, table: join(into, TABLE) }
}

const same = (one: Contents, other: Contents): boolean =>
  one.sha256 === other.sha256 && one.rows === other.rows && one.bytes === other.bytes

/** Deletes the rows of an archive that was kept, as it is read back from a place: it may be done again at any time. */
async function remove(job: ArchiveJob, archive: Archive): Promise<Removed> {
  const { ports } = job
  const { rows: file } = await readAnywhere(job, archive)
  let rows = 0
  for await (const { versions } of batches(job, file, job.rule.batch)) {
    rows += await changeBatch(job, versions)
    job.say(`${count(rows, 'row')} of ${archive.rows} of ${archive.id} deleted`)
  }
  const left = await leftOf(job, file)
  await ports.retention.done(archive, left)
  await ports.rowFiles.empty(folderOf(ports, 'archive'))
  return { rows: archive.rows - left.length, left: left.length, bytes: archive.bytes }
}

/** The file as a place has it; from the next one when one is away. */
export async function readAnywhere(
  job: Pick<Job, 'ports' | 'signal'>,
  archive: Archive,
): Promise<{ rows: string; table: string }> {
  for (const [n, part] of archive.parts.entries()) {
    try {
      return await readBack(job, archive, part)
    } catch (error) {
      job.signal.throwIfAborted()
      if (n === archive.parts.length - 1) throw error
    }
  }
  throw new Error(`${archive.id} has no part`)
}

/** Lines whose rows are still there: they were changed, or something refers to them. */
async function leftOf(job: ArchiveJob, file: string): Promise<number[]> {
  const left: number[] = []
  for await (const { first, versions } of batches(job, file, 5_000)) {
    const { text, values } = remaining(job.shape, versions)
    for (const row of await job.query(text, values)) left.push(first + Number(row['n']) - 1)
  }
  return left
}

interface Batch {
  /** Number of the first line, from 0 on. */
  first: number
  versions: Version[]
}

async function* batches({ ports, shape }: ArchiveJob, file: string, most: number): AsyncGenerator<Batch> {
  const at = shape.key.map(({ name }) => 1 + shape.columns.findIndex(column => column.name === name))
  let [first, line] = [0, 0]
  let versions: Version[] = []
  for await (const text of ports.rowFiles.lines(file)) {
    const values = readLine(text)
    versions.push({ xmin: values[0]!, key: at.map(n => values[n]!) })
    line++
    if (versions.length < most) continue
    yield { first, versions }
    ;[first, versions] = [line, []]
  }
  if (versions.length > 0) yield { first, versions }
}

async function lastKey(job: ArchiveJob, rows: number): Promise<readonly string[]> {
  const file = folderOf(job.ports, 'back', ROWS)
  let last: Version | undefined
  for await (const { versions } of batches(job, file, rows)) last = versions.at(-1)
  await job.ports.rowFiles.empty(folderOf(job.ports, 'back'))
  return last!.key
}

/** Removes what was kept of an archive of which nothing was deleted. */
async function giveUp({ ports, signal }: Job, archive: Archive): Promise<void> {
  const { places } = await ports.policy()
  for (const place of places) {
    const ids = (await ports.archives.list(place))
      .filter(({ point }) => point === archive.id)
      .map(({ id }) => id)
    if (ids.length > 0) await ports.archives.forget(place, ids, signal)
  }
  await ports.retention.giveUp(archive)
}

const nowhere = (app: string): Failure =>
  new Failure('retention.nowhere', `there is no place for archives of ${app}`, {
    why: 'they lie where its backups lie, and it has none',
    fix: 'take `backups: false` out of innkeeper.yaml; nothing was deleted',
  })
