import type { Query } from './migrations-place.ts'

/**
 * Indexes that PostgreSQL began to build and did not end: what an interrupted `create index concurrently` leaves, exit 0
 * of a later `if not exists` included. Queries do not use them, and a unique one may let duplicates in. An index that is
 * being built now, and one of a partitioned table that waits for its parts, are not meant. Operators are named with their
 * schema, because the search path may be any.
 */
export async function invalidIndexes(query: Query): Promise<string[]> {
  const rows = await query(
    `select n.nspname::text as schema, c.relname::text as name
       from pg_catalog.pg_index i
       join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) i.indexrelid
       join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
      where not i.indisvalid and c.relkind operator(pg_catalog.=) 'i' and n.nspname::text operator(pg_catalog.!~) '^pg_'
        and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid operator(pg_catalog.=) i.indexrelid)
      order by 1, 2`,
  )
  return rows.map(row => `${String(row['schema'])}.${String(row['name'])}`)
}
