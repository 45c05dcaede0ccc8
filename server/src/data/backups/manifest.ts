import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { describe } from '../../kernel/failure.ts'
import type { Counted, Manifest } from './point.ts'
import type { BackupPorts } from './ports.ts'

/** Rows of larger tables are counted but not hashed, because a hash reads every row completely. */
const HASHED_BYTES = 256 * 1024 * 1024
const TRIES = 10
/** Longest time for counting the tables of one app: its own functions run while it is counted, and its backup waits. */
const LONGEST_MS = 10 * 60_000
/** Each statement has its own limit. A session that goes on longer than this all the same is ended. */
export const HANG_UP_MS = LONGEST_MS + 60_000
const SETTINGS = [
  "timezone = 'UTC'",
  "datestyle = 'ISO, YMD'",
  "intervalstyle = 'postgres'",
  "bytea_output = 'hex'",
  "search_path = ''",
  'extra_float_digits = 3',
]

interface Table {
  name: string
  bytes: string
}

const TABLES = `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, pg_catalog.pg_relation_size(c.oid) as bytes
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   order by 1`

/**
 * Row counts and hashes of a database, in the snapshot of one transaction. What the app's own functions do meanwhile is
 * rolled back. The hash does not depend on the order of rows. Tables that cannot be read are in `uncounted`.
 */
export async function readTables(query: Query): Promise<Required<Omit<Manifest, 'exact'>>> {
  const [open] = await query(
    'select pg_catalog.now() = pg_catalog.statement_timestamp() as fresh, pg_catalog.clock_timestamp()::pg_catalog.text as at',
  )
  // The caller may have begun a transaction already, whose snapshot is the moment of the restore point.
  const own = open!['fresh'] === true
  if (own) await query('begin transaction isolation level repeatable read read only')
  const tables: Record<string, Counted> = {}
  const uncounted: Record<string, string> = {}
  try {
    for (const { name, bytes } of (await query(TABLES)) as unknown as Table[]) {
      await query('savepoint counted')
      try {
        tables[name] = await countOf(query, { name, bytes }, String(open!['at']))
      } catch (error) {
        // Only the reason and no message of PostgreSQL: a function of the app could put a row into it.
        uncounted[name] = refusal(error)
      }
      await query('rollback to savepoint counted')
    }
  } finally {
    if (own) await query('rollback')
  }
  return { tables, uncounted }
}

/** Sets the statement's limit to what is left of the time for all tables. */
const LEFT = `
  select pg_catalog.set_config('statement_timeout', greatest(1, ${LONGEST_MS} - 1000 *
    extract(epoch from pg_catalog.clock_timestamp() - $1::pg_catalog.timestamptz)::pg_catalog.int8)::pg_catalog.text, true)`

/** Counts and hashes one table. The text of a row depends on settings, which differ between databases, so they are set here. */
async function countOf(query: Query, { name, bytes }: Table, since: string): Promise<Counted> {
  for (const setting of SETTINGS) await query(`set local ${setting}`)
  await query(LEFT, [since])
  const hash =
    Number(bytes) <= HASHED_BYTES
      ? 'pg_catalog.sum(pg_catalog.hashtextextended((t.*)::pg_catalog.text, 0)::pg_catalog.numeric)::pg_catalog.text'
      : 'null::pg_catalog.text'
  // The name comes from format('%I.%I'), so it is quoted.
  const [row] = await query(
    `select pg_catalog.count(*)::pg_catalog.text as rows, ${hash} as hash from ${name} t`,
  )
  return { rows: Number(row!['rows']), hash: row!['hash'] as string | null }
}

function refusal(error: unknown): string {
  const { code } = error as { code?: string }
  // When the connection is gone, no other table can be read either.
  if (describe(error).code === 'database.unreachable') throw error
  if (code === '42501') return 'its owner may not read it, or row security hides rows of it from its owner'
  if (code === '57014') return `it took more than ${LONGEST_MS / 60_000} min`
  return `PostgreSQL refused with ${code ?? 'no code'}`
}

interface Marked {
  at: number
  segment: string
  manifest: Record<string, Manifest>
  /** Why the tables could not be counted at all; null: they were. */
  uncounted: string | null
}

type Ports = { cluster: Pick<BackupPorts['cluster'], 'owner' | 'beat' | 'mark' | 'written'> }

/**
 * Names a moment in the WAL, and counts what the app's database held then. `exact`: nothing was written between the
 * snapshot that is counted and the name, so a restored copy must hold exactly this. A database that cannot be counted
 * does not keep the moment from being named.
 */
export async function countedMark(
  { cluster }: Ports,
  point: string,
  access: DatabaseAccess,
): Promise<Marked> {
  let marked: Marked | null = null
  try {
    // Nobody may have written for minutes: a copy shows by its last heartbeat how late it ends.
    await cluster.beat()
    return await cluster.owner(access, { longestMs: HANG_UP_MS }, async query => {
      const { exact, ...moment } = await quietMark(cluster, point, query)
      marked = { ...moment, manifest: {}, uncounted: null }
      const manifest = { [access.name]: { exact, ...(await readTables(query)) } }
      // Ends the transaction at once: its locks and its snapshot would hold up others.
      await query('rollback')
      return { ...marked, manifest }
    })
  } catch (error) {
    const { what, why } = describe(error)
    const named = marked ?? { ...(await cluster.mark(point)), manifest: {} }
    return { at: named.at, segment: named.segment, manifest: {}, uncounted: `${what} (${why})` }
  }
}

/** Bytes of the WAL record with the name, and of the page header that may come before it. */
const RECORD_BYTES = 256

async function quietMark(
  cluster: Ports['cluster'],
  point: string,
  query: Query,
): Promise<{ at: number; segment: string; exact: boolean }> {
  for (let tries = 1; ; tries++) {
    const before = await cluster.written()
    // The snapshot is taken by the first statement, not by begin.
    await query('begin transaction isolation level repeatable read read only')
    await query('select 1')
    // A moment without a write nearly always comes. So it waits for one before the name, which can be given only once.
    if ((await cluster.written()) !== before && tries < TRIES) {
      await query('rollback')
      continue
    }
    const { at, segment, end } = await cluster.mark(point)
    return { at, segment, exact: end - before <= RECORD_BYTES }
  }
}
