import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { describe } from '../../kernel/failure.ts'
import type { Counted, Manifest } from './point.ts'
import type { BackupPorts } from './ports.ts'

/** Rows of larger tables are counted but not hashed, because a hash reads every row completely. */
const HASHED_BYTES = 256 * 1024 * 1024
const TRIES = 10
/** Longest time for counting the tables of one app: its own functions run while it is counted, and the other apps wait. */
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

/** App → why its database could not be counted at all. */
type Uncounted = Record<string, string>

interface Opened {
  app: string
  database: string
  query: Query
}

/**
 * Names a moment in the WAL, and counts what each app's database held then. `exact`: nothing was written between the
 * snapshots that are counted and the name, so a restored copy must hold exactly this.
 */
export async function manifests(
  { cluster }: Pick<BackupPorts, 'cluster'>,
  point: string,
  apps: ReadonlyArray<{ app: string; access: DatabaseAccess }>,
): Promise<{ at: number; segment: string; manifest: Record<string, Manifest>; uncounted: Uncounted }> {
  const there = await cluster.databases()
  const uncounted: Uncounted = {}
  const give = (app: string, error: unknown) => {
    const { what, why } = describe(error)
    uncounted[app] = `${what} (${why})`
  }
  const wanted = apps.filter(({ access }) => there.includes(access.name))
  return withConnections(cluster, { wanted, open: [], give }, async open => {
    const { exact, ...moment } = await quietMark(cluster, point, open, give)
    const manifest: Record<string, Manifest> = {}
    for (const { app, database, query } of open.filter(one => !(one.app in uncounted)))
      try {
        manifest[database] = { exact, ...(await readTables(query)) }
        // Ends the transaction at once: its locks and its snapshot would hold up others.
        await query('rollback')
      } catch (error) {
        give(app, error)
      }
    return { ...moment, manifest, uncounted }
  })
}

interface Opening {
  wanted: ReadonlyArray<{ app: string; access: DatabaseAccess }>
  open: readonly Opened[]
  give: (app: string, error: unknown) => void
}

/** Opens a connection to each database, all until the work is done. A database that cannot be opened does not stop the others. */
async function withConnections<T>(
  cluster: BackupPorts['cluster'],
  { wanted: [first, ...rest], open, give }: Opening,
  work: (open: readonly Opened[]) => Promise<T>,
): Promise<T> {
  if (first === undefined) return work(open)
  const { app, access } = first
  let begun = false
  try {
    return await cluster.owner(access, { longestMs: HANG_UP_MS }, query => {
      begun = true
      const opened = { app, database: access.name, query }
      return withConnections(cluster, { wanted: rest, open: [...open, opened], give }, work)
    })
  } catch (error) {
    if (begun) throw error
    give(app, error)
    return withConnections(cluster, { wanted: rest, open, give }, work)
  }
}

/** Bytes of the WAL record with the name, and of the page header that may come before it. */
const RECORD_BYTES = 256

async function quietMark(
  cluster: BackupPorts['cluster'],
  point: string,
  connections: readonly Opened[],
  give: Opening['give'],
): Promise<{ at: number; segment: string; exact: boolean }> {
  const lost = new Set<string>()
  const each = async (statements: readonly string[]) => {
    for (const { app, query } of connections.filter(one => !lost.has(one.app)))
      try {
        for (const statement of statements) await query(statement)
      } catch (error) {
        lost.add(app)
        give(app, error)
      }
  }
  for (let tries = 1; ; tries++) {
    const before = await cluster.written()
    // The snapshot is taken by the first statement, not by begin.
    await each(['begin transaction isolation level repeatable read read only', 'select 1'])
    // A moment without a write nearly always comes. So it waits for one before the name, which can be given only once.
    if ((await cluster.written()) !== before && tries < TRIES) {
      await each(['rollback'])
      continue
    }
    const { at, segment, end } = await cluster.mark(point)
    return { at, segment, exact: end - before <= RECORD_BYTES }
  }
}
