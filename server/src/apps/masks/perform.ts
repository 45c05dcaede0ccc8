import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import { type AppDatabase, type ClusterLife, type DatabaseAccess, ownerAt } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import { closedExtensions, readTables, sample, sequences } from './observe.ts'
import { block, judge, type Mask, missingText, shown } from './rule.ts'
import type { Table, TableCopy } from './table.ts'
import type { Transfer } from './transfer.ts'

export interface Side {
  cluster: AppDatabase & Pick<ClusterLife, 'place'>
  access: DatabaseAccess
}

export interface CopyPorts {
  transfer: Transfer
  random(length: number): string
  room(): Promise<{ diskFree: number }>
}

export interface CopyOrder {
  from: Side
  to: Side
  /** As the new database is provided. */
  connections: number
  mask: Mask
  signal: AbortSignal
  say(line: string): void
}

/** Longest time of a copy; its snapshot keeps the source from tidying up what was deleted meanwhile. */
const LONGEST_MS = 2 * 3_600_000
/** Longest time of one look at the source. */
const LOOK_MS = 5 * 60_000
/** How often it is said how far a long copy is. */
const TELL_MS = 5_000
/** Indexes, the write-ahead log and the services want room too. */
const KEPT_FREE = 1024 ** 3

/**
 * Fills the database of `to` with a masked copy of that of `from`, as of one moment. Values are masked as they are read,
 * so what has a rule never reaches the other server. Whatever it was before, the database is empty first, and empty
 * again when this does not end well. Failures `preview.mask`, `preview.personal`, `preview.copy-room`, `preview.copy`.
 */
export async function copyMasked(ports: CopyPorts, given: CopyOrder): Promise<string> {
  const signal = AbortSignal.any([given.signal, AbortSignal.timeout(LONGEST_MS)])
  const order = { ...given, signal }
  await empty(order)
  try {
    const { from } = order
    const whole = from.cluster.owner(from.access, { longestMs: LOOK_MS }, query => copy(ports, order, query))
    // A server that is gone answers nothing, and keeps nobody from giving up.
    return await Promise.race([whole, stopped(signal)])
  } catch (error) {
    // Where the server itself is gone, that is what is told; the next try empties it first.
    await empty(order).catch(() => {})
    given.signal.throwIfAborted()
    throw signal.aborted ? tooLong() : error
  }
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function empty({ to: { cluster, access }, connections }: CopyOrder): Promise<void> {
  await cluster.superuser(
    async query => void (await query(`drop database if exists "${access.name}" with (force)`)),
  )
  await cluster.provide(access, connections)
}

/** `query`: a session of the source, whose transaction all others share what they see with. */
async function copy(ports: CopyPorts, order: CopyOrder, query: Query): Promise<string> {
  const { from, to, signal, say } = order
  // A deploy of the source waits for sessions with this name before it changes its tables.
  await query(`set application_name = 'pg_dump'`)
  await query('begin isolation level repeatable read read only')
  const copies = await checked(query, await readTables(query), order.mask)
  await checkRoom(ports, query)
  const [row] = await query('select pg_export_snapshot() as snapshot')
  const between = {
    from: await side(from),
    to: await side(to),
    snapshot: String(row!['snapshot']),
    signal,
  }
  await ports.transfer.define({ ...between, section: 'pre-data' })
  const salt = ports.random(43)
  let rows = 0
  for (const [i, one] of copies.entries()) {
    signal.throwIfAborted()
    const copied = await telling(order, one, () => ports.transfer.rows({ ...between, ...one, salt }))
    rows += copied
    say(`${shown(one.key)}: ${count(copied, 'row')} (table ${i + 1} of ${copies.length})`)
  }
  const stand = await sequences(query)
  await to.cluster.owner(to.access, {}, async there => {
    for (const { ident, last, called } of stand)
      await there('select setval($1::regclass, $2::bigint, $3)', [ident, last, called])
  })
  await ports.transfer.define({ ...between, section: 'post-data' })
  return `${count(rows, 'row')} of ${count(copies.length, 'table')}, ${showSize(await sizeOf(to))}`
}

/** Says now and then how far the server is with a table. */
async function telling<T>({ to, say }: CopyOrder, { key }: TableCopy, work: () => Promise<T>): Promise<T> {
  const tell = async () => {
    const [row] = await to.cluster.superuser(query =>
      query('select tuples_processed::float8 as rows from pg_stat_progress_copy where datname = $1', [
        to.access.name,
      ]),
    )
    if (row !== undefined) say(`${shown(key)}: ${count(Number(row['rows']), 'row')} so far`)
  }
  // PostgreSQL before 14 does not know, and a copy does not fail for that.
  const timer = setInterval(() => void tell().catch(() => {}), TELL_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function side({ cluster, access }: Side) {
  return { ...ownerAt((await cluster.place())!, access), database: access.name }
}

const sizeOf = ({ cluster, access }: Side): Promise<number> => cluster.owner(access, {}, bytes)

async function bytes(query: Query): Promise<number> {
  const [row] = await query('select pg_database_size(current_database())::float8 as bytes')
  return Number(row!['bytes'])
}

/** Nothing is copied before every column is decided on. */
async function checked(query: Query, tables: readonly Table[], mask: Mask): Promise<TableCopy[]> {
  const closed = await closedExtensions(query)
  const { problems, missing, copies } = judge(tables, mask, await sample(query, tables))
  if (closed.length > 0)
    problems.push(`only a superuser could make the extensions of the source: ${list(closed)}`)
  if (problems.length > 0)
    throw new Failure('preview.mask', 'the database cannot be copied by these rules', {
      why: problems.join('\n'),
      fix: 'correct `previews: database: mask:` in innkeeper.yaml, deploy it where it serves, and try again. Nothing was copied',
    })
  if (missing.length > 0)
    throw new Failure('preview.personal', 'columns look personal and have no rule', {
      why: missingText(missing),
      fix: `add this below database: of previews: (keep copies a column as it is), deploy it where it serves, and try again:\n${block(missing)}\nNothing was copied`,
    })
  return copies
}

async function checkRoom(ports: CopyPorts, query: Query): Promise<void> {
  const size = await bytes(query)
  const { diskFree } = await ports.room()
  // The rows stand in the write-ahead log for a while, too.
  const need = 2 * size + KEPT_FREE
  if (diskFree >= need) return
  throw new Failure('preview.copy-room', 'there is too little room for a copy of the database', {
    why: `it has ${showSize(size)}, a copy may take twice that and leaves ${showSize(KEPT_FREE)} free, and ${showSize(diskFree)} are free`,
    fix: 'remove what is not needed (`inn preview list`), or let previews begin with `database: seed`',
  })
}

const tooLong = (): Failure =>
  new Failure('preview.copy-time', 'the copy of the database took longer than two hours, and was given up', {
    why: 'meanwhile the source cannot tidy up what is deleted in it',
    fix: 'copy from an environment with less data, or let previews begin with `database: seed`',
  })
