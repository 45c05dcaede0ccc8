import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'

type Access = Pick<DatabaseAccess, 'name' | 'owner' | 'app'>

/** Faults that PostgreSQL reports only when somebody needs the broken part. Sentences; empty: all is well. */
export async function findFaults(query: Query, access: Access): Promise<string[]> {
  return [
    ...(await invalidIndexes(query)),
    ...(await missingExtensions(query)),
    ...(await roles(query, access)),
    ...(await sequencesBehind(query)),
  ]
}

async function invalidIndexes(query: Query): Promise<string[]> {
  const rows = await query(
    `select indexrelid::regclass::text as index, indrelid::regclass::text as "table"
       from pg_index where not (indisvalid and indisready) order by 1`,
  )
  return rows.map(row => `the index ${row['index']} of ${row['table']} is not valid: reindex or drop it`)
}

async function missingExtensions(query: Query): Promise<string[]> {
  const rows = await query(
    `select extname, extversion from pg_extension e where not exists (
       select from pg_available_extension_versions a where a.name = e.extname and a.version = e.extversion) order by 1`,
  )
  return rows.map(row => `the extension ${row['extname']} ${row['extversion']} is not installed here`)
}

async function roles(query: Query, { name, owner, app }: Access): Promise<string[]> {
  const users = [owner.user, app.user]
  const there = await query('select rolname from pg_roles where rolcanlogin and rolname = any($1)', [users])
  const missing = users.filter(user => !there.some(row => row['rolname'] === user))
  if (missing.length > 0) return missing.map(user => `the role ${user} is missing, or may not sign in`)
  const [row] = await query(
    `select pg_get_userbyid(datdba) as owner, has_database_privilege($1, datname, 'connect') as connects
       from pg_database where datname = current_database()`,
    [app.user],
  )
  const orphans = await query(
    `select oid::regclass::text as name from pg_class c
      where not exists (select from pg_roles r where r.oid = c.relowner) order by 1`,
  )
  return [
    ...(row!['owner'] === owner.user
      ? []
      : [`the database ${name} belongs to ${row!['owner']}, not to ${owner.user}`]),
    ...(row!['connects'] === true ? [] : [`${app.user} may not connect to ${name}`]),
    ...orphans.map(orphan => `${orphan['name']} belongs to a role that is not there`),
  ]
}

interface Sequence {
  sequence: string
  table: string
  column: string
}

/** Sequences that are behind their column: the next row would get a number that another row has. */
async function sequencesBehind(query: Query): Promise<string[]> {
  const owned = (await query(
    `select s.oid::regclass::text as sequence, t.oid::regclass::text as "table", quote_ident(a.attname) as "column"
       from pg_sequence q join pg_class s on s.oid = q.seqrelid
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid
                       and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
       join pg_class t on t.oid = d.refobjid
       join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where q.seqincrement > 0 and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) order by 1`,
  )) as unknown as Sequence[]
  const behind: string[] = []
  for (const { sequence, table, column } of owned) {
    // The names come from regclass and quote_ident, so they are quoted.
    const [row] = await query(
      `select (select max(${column}) from ${table})::bigint >= last_value + is_called::int as behind from ${sequence}`,
    )
    if (row!['behind'] === true) behind.push(`the sequence ${sequence} is behind ${table}.${column}`)
  }
  return behind
}

/** Constraints that were never validated against existing rows. They are only reported: whether the rows fit is not known. */
export async function unvalidatedConstraints(query: Query): Promise<string[]> {
  const rows = await query(
    `select conname, conrelid::regclass::text as "table" from pg_constraint where not convalidated order by 1, 2`,
  )
  return rows.map(row => `the constraint ${row['conname']} of ${row['table']} was never validated`)
}
