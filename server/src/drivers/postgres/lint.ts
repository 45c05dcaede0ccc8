import type { Query } from '../../apps/databases/migrations.ts'
import type { LiveFacts, LiveTable, OpenSession } from '../../apps/lint/facts.ts'

/** Below this a transaction is taken for one that ends by itself. */
const OPEN_SECONDS = 5

/** What is asked for: names as the migrations say them, without their schemas. */
export interface Named {
  tables: readonly string[]
  functions: readonly string[]
}

type Row = Record<string, unknown>
const number = (value: unknown): number => Number(value ?? 0)

/** What the database says of the tables that are named, as its owner sees it. Sessions are asked for elsewhere. */
export async function lintFacts(
  query: Query,
  { tables: names, functions }: Named,
  now: number,
): Promise<Omit<LiveFacts, 'sessions'>> {
  const [own] = await query(
    "select current_schemas(false)::text[] as path, current_setting('server_version_num')::int as version",
  )
  await query('begin read only')
  // The database may be set to one by which a view of the app's own stands in the place of a catalog.
  await query('set local search_path = pg_catalog, pg_temp')
  const tables = await query(TABLES, [names])
  const indexes = await query(INDEXES, [names])
  const volatile = await query(
    "select distinct proname::text as name from pg_proc where proname = any($1) and provolatile = 'v' and prokind = 'f'",
    [functions],
  )
  await query('commit')
  return {
    at: now,
    version: number(own!['version']),
    path: own!['path'] as string[],
    tables: tables.map(tableOf),
    indexes: indexes.map(row => ({
      ...{ schema: String(row['schema']), name: String(row['name']), valid: row['valid'] === true },
      table: { schema: String(row['schema']), name: String(row['table']) },
      columns: row['columns'] as string[],
    })),
    volatile: volatile.map(row => String(row['name'])),
  }
}

const KINDS: Readonly<Record<string, LiveTable['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized',
}

function tableOf(row: Row): LiveTable {
  const seconds = Math.max(1, number(row['seconds']))
  const columns = (row['columns'] ?? []) as Row[]
  return {
    ...{
      schema: String(row['schema']),
      name: String(row['name']),
      kind: KINDS[String(row['kind'])] ?? 'table',
    },
    rows: row['rows'] === null ? null : Math.round(number(row['rows'])),
    ...{ bytes: number(row['bytes']), indexBytes: number(row['index_bytes']) },
    ...{ reads: number(row['reads']) / seconds, writes: number(row['writes']) / seconds },
    published: row['published'] === true,
    columns: columns.map(one => ({
      ...{ name: String(one['name']), type: String(one['type']), notNull: one['not_null'] === true },
      checkedNotNull: one['checked'] === true,
      nulls: one['nulls'] === null ? null : one['nulls'] === true,
    })),
  }
}

/**
 * Of a partitioned table its partitions count, as the locks go to them, too. Whoever asks for the size of a table waits
 * for its lock, so one that is locked is taken to be as large as it was when it was last vacuumed. Never counted is -1.
 */
const TABLES = `
  with named as (
    select c.oid, c.relkind, c.relname, n.nspname,
           exists (select 1 from pg_locks l where l.relation = c.oid and l.mode = 'AccessExclusiveLock') as locked
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm') and c.relname = any($1)
       and n.nspname <> 'information_schema' and n.nspname !~ '^pg_')
  select c.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
         (select case when min(p.reltuples) < 0 and sum(greatest(p.reltuples, 0)) = 0 and not c.locked
                           and sum(case when c.locked then 0 else pg_relation_size(p.oid) end) > 0
                      then null else sum(greatest(p.reltuples, 0)) end::float8
            from pg_class p where p.oid = any(own.parts)) as rows,
         (select sum(case when c.locked then p.relpages::int8 * 8192 else pg_total_relation_size(p.oid) end)
            from pg_class p where p.oid = any(own.parts))::float8 as bytes,
         (select sum(case when c.locked then 0 else pg_indexes_size(p.oid) end)
            from pg_class p where p.oid = any(own.parts))::float8 as index_bytes,
         s.reads, s.writes,
         extract(epoch from now() - coalesce(
           (select stats_reset from pg_stat_database where datname = current_database()), pg_postmaster_start_time())) as seconds,
         exists (select 1 from pg_publication p where p.puballtables)
           or exists (select 1 from pg_publication_rel r where r.prrelid = c.oid) as published,
         (select jsonb_agg(jsonb_build_object(
            'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
            'checked', exists (select 1 from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated
              and k.conkey = array[a.attnum] and pg_get_constraintdef(k.oid) ~* '^CHECK \\(\\(\\S+ IS NOT NULL\\)\\)'),
            'nulls', (select st.null_frac > 0 from pg_stats st
              where st.schemaname = c.nspname and st.tablename = c.relname and st.attname = a.attname limit 1)))
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from named c
    cross join lateral (select case when c.relkind = 'p' and not c.locked
      then array(select relid::oid from pg_partition_tree(c.oid)) else array[c.oid] end as parts) own
    cross join lateral (select
        sum(coalesce(t.seq_scan, 0) + coalesce(t.idx_scan, 0))::float8 as reads,
        sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del)::float8 as writes
      from pg_stat_all_tables t where t.relid = any(own.parts)) s
   order by 1, 2`

const INDEXES = `
  select n.nspname::text as schema, i.relname::text as name, t.relname::text as table, x.indisvalid as valid,
         array(select a.attname::text from unnest(x.indkey) with ordinality k(num, at)
                 join pg_attribute a on a.attrelid = t.oid and a.attnum = k.num order by k.at) as columns
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace
   where (t.relname = any($1) or i.relname = any($1))
     and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'`

/** Sessions at a database with a transaction that has been open for some seconds, and the tables that they have locked, by number. */
export async function openSessions(
  query: Query,
  database: string,
): Promise<Array<Omit<OpenSession, 'tables'> & { relations: number[] }>> {
  const rows = await query(
    `select a.pid, a.application_name as application, extract(epoch from now() - a.xact_start)::int as seconds,
            a.state like 'idle in transaction%' as idle, a.application_name = 'pg_dump' as dump,
            coalesce(array_agg(distinct l.relation::int8) filter (where l.relation is not null), '{}') as relations
       from pg_stat_activity a left join pg_locks l on l.pid = a.pid and l.granted and l.locktype = 'relation'
      where a.datname = $1 and a.pid <> pg_backend_pid() and a.xact_start < now() - make_interval(secs => $2)
      group by 1, 2, 3, 4, 5 order by 3 desc limit 20`,
    [database, OPEN_SECONDS],
  )
  return rows.map(row => ({
    ...{
      pid: number(row['pid']),
      application: String(row['application'] ?? ''),
      seconds: number(row['seconds']),
    },
    ...{ idle: row['idle'] === true, dump: row['dump'] === true },
    relations: (row['relations'] as unknown[]).map(Number),
  }))
}

/** The names of tables by their numbers, in the database that the query goes to. */
export async function relationNames(
  query: Query,
  relations: readonly number[],
): Promise<Map<number, { schema: string; name: string }>> {
  const rows = await query(
    `select c.oid::int8 as id, n.nspname::text as schema, c.relname::text as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
      where c.oid operator(pg_catalog.=) any($1::pg_catalog.oid[]) and c.relkind operator(pg_catalog.=) any('{r,p,m}'::"char"[])`,
    [relations],
  )
  return new Map(
    rows.map(row => [Number(row['id']), { schema: String(row['schema']), name: String(row['name']) }]),
  )
}
