import type { Query } from '../databases/migrations.ts'
import type { Counted, Manifest } from './point.ts'
import type { BackupPorts } from './ports.ts'

/** Larger tables are counted, and their rows not hashed: that would read all of them. */
const HASHED_BYTES = 256 * 1024 * 1024
const TRIES = 10
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

/** Row counts and hashes of a database, in the snapshot of its transaction. The hash does not depend on the order of rows. */
export async function readTables(query: Query): Promise<Record<string, Counted>> {
  // As text, a row depends on these; two databases, or the one of today and the one of then, may differ in them.
  for (const setting of SETTINGS) await query(`set ${setting}`)
  const tables = (await query(
    `select format('%I.%I', n.nspname, c.relname) as name, pg_relation_size(c.oid) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      order by 1`,
  )) as unknown as Table[]
  const counted: Record<string, Counted> = {}
  for (const { name, bytes } of tables) {
    const hash =
      Number(bytes) <= HASHED_BYTES ? 'sum(hashtextextended(t::text, 0)::numeric)::text' : 'null::text'
    // The name came from format('%I.%I').
    const [row] = await query(`select count(*)::text as rows, ${hash} as hash from ${name} t`)
    counted[name] = { rows: Number(row!['rows']), hash: row!['hash'] as string | null }
  }
  return counted
}

/**
 * Names the moment, and says what each database held then. `exact` where nothing at all was written between the
 * snapshots that are counted and the name: then a restored copy must hold just this.
 */
export async function manifests(
  { cluster }: Pick<BackupPorts, 'cluster'>,
  point: string,
): Promise<{ at: number; segment: string; manifest: Record<string, Manifest> }> {
  const names = await cluster.databases()
  return withConnections(cluster, names, {}, async open => {
    const { exact, ...moment } = await quietMark(cluster, point, Object.values(open))
    const manifest: Record<string, Manifest> = {}
    for (const [name, query] of Object.entries(open)) {
      manifest[name] = { exact, tables: await readTables(query) }
      // Its locks and its snapshot are of no use any more, and in the way of others.
      await query('rollback')
    }
    return { ...moment, manifest }
  })
}

/** One connection to each database, all open until the work is done. */
async function withConnections<T>(
  cluster: BackupPorts['cluster'],
  [name, ...rest]: readonly string[],
  open: Record<string, Query>,
  work: (open: Record<string, Query>) => Promise<T>,
): Promise<T> {
  if (name === undefined) return work(open)
  return cluster.superuser(name, query => withConnections(cluster, rest, { ...open, [name]: query }, work))
}

/** The record that holds the name, with the header of a page that it may open. */
const RECORD_BYTES = 256

async function quietMark(
  cluster: BackupPorts['cluster'],
  point: string,
  connections: readonly Query[],
): Promise<{ at: number; segment: string; exact: boolean }> {
  for (let tries = 1; ; tries++) {
    const before = await cluster.written()
    for (const query of connections) {
      await query('begin transaction isolation level repeatable read read only')
      // The snapshot is taken by the first statement, not by begin.
      await query('select 1')
    }
    // A moment without a single write is there nearly always; a name can be given only once.
    if ((await cluster.written()) !== before && tries < TRIES) {
      for (const query of connections) await query('rollback')
      continue
    }
    const { at, segment, end } = await cluster.mark(point)
    return { at, segment, exact: end - before <= RECORD_BYTES }
  }
}
