import type { Query } from '../../apps/databases/migrations.ts'
import type { DatabaseFacts } from '../../watch/doctor/facts.ts'
import type { SettingFacts } from '../../watch/doctor/tuning.ts'

/** What a server runs with, of these settings. */
export async function settingsNow(
  query: Query,
  wanted: Readonly<Record<string, string>>,
): Promise<SettingFacts[]> {
  const rows = await query(
    `select name, pg_catalog.current_setting(name) as runs, source, context = 'postmaster' as at_start
       from pg_catalog.pg_settings where name = any($1)`,
    [Object.keys(wanted)],
  )
  return rows.map(row => ({
    ...{ name: String(row['name']), runs: String(row['runs']), source: String(row['source']) },
    ...{ wanted: wanted[String(row['name'])]!, atStart: row['at_start'] === true },
  }))
}

type Row = Record<string, unknown>

const number = (value: unknown): number => Number(value ?? 0)
const moment = (value: unknown): number | null => (value === null ? null : Math.round(Number(value)))
const texts = (value: unknown): string[] => value as string[]

/** Schemas of PostgreSQL itself, and the one of Innkeeper. */
const OWN = `n.nspname <> 'information_schema' and n.nspname <> 'innkeeper' and n.nspname !~ '^pg_'`

/** Those of an extension are its own affair. */
const isOwnTable = (name: string): string =>
  `not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = ${name}.oid and d.deptype = 'e')`

/** Reads the catalogs of the database that the query goes to. It takes no rights but those of whoever asks. */
export async function factsOf(query: Query, now: number): Promise<DatabaseFacts> {
  await query('begin read only')
  // The database may be set to one by which a view of the app's own stands in the place of a catalog.
  await query('set local search_path = pg_catalog, pg_temp')
  const facts = await read(query, now)
  await query('commit')
  return facts
}

async function read(query: Query, now: number): Promise<DatabaseFacts> {
  const [tables, indexes, foreignKeys, sequences, settings] = [
    await query(TABLES),
    await query(INDEXES),
    await query(FOREIGN_KEYS),
    await query(SEQUENCES),
    await query(SETTINGS),
  ]
  const [whole] = await query(WHOLE)
  const values = Object.fromEntries(settings.map(({ name, value }) => [String(name), String(value)]))
  return {
    at: now,
    since: moment(whole!['since']),
    bytes: number(whole!['bytes']),
    age: number(whole!['age']),
    connections: { used: number(whole!['used']), most: number(values['max_connections']) },
    blocks: { found: number(whole!['found']), read: number(whole!['read']) },
    temporaryBytes: number(whole!['temporary']),
    checkpoints: await checkpointsOf(query, number(whole!['version'])),
    tables: tables.map(tableOf),
    indexes: indexes.map(indexOf),
    foreignKeys: foreignKeys.map(row => ({
      ...{ name: String(row['name']), table: String(row['table']), columns: texts(row['columns']) },
      indexed: row['indexed'] === true,
    })),
    sequences: sequences.map(sequenceOf),
    settings: values,
  }
}

async function checkpointsOf(query: Query, version: number): Promise<DatabaseFacts['checkpoints']> {
  const [row] = await query(
    version >= 170_000
      ? 'select num_timed as timed, num_requested as requested from pg_stat_checkpointer'
      : 'select checkpoints_timed as timed, checkpoints_req as requested from pg_stat_bgwriter',
  )
  return { timed: number(row!['timed']), requested: number(row!['requested']) }
}

const tableOf = (row: Row) => ({
  ...{ name: String(row['name']), bytes: number(row['bytes']), indexBytes: number(row['index_bytes']) },
  ...{ rows: Math.max(0, number(row['rows'])), deadRows: number(row['dead']) },
  changedSinceAnalyze: number(row['changed']),
  ...{ vacuumedAt: moment(row['vacuumed']), analyzedAt: moment(row['analyzed']) },
  ...{
    scans: number(row['scans']),
    scannedRows: number(row['scanned']),
    indexScans: number(row['index_scans']),
  },
  ...{ hasKey: row['has_key'] === true, unattended: row['unattended'] === true, age: number(row['age']) },
})

const indexOf = (row: Row) => ({
  ...{ name: String(row['name']), table: String(row['table']), bytes: number(row['bytes']) },
  ...{ scans: number(row['scans']), valid: row['valid'] === true, holds: row['holds'] === true },
  ...{ shape: String(row['shape']), columns: texts(row['columns']), plain: row['plain'] === true },
  definition: String(row['definition']),
})

const sequenceOf = (row: Row) => ({
  name: String(row['name']),
  column:
    row['table'] === null
      ? null
      : { table: String(row['table']), name: String(row['column']), type: String(row['type']) },
  ...{
    last: number(row['last']),
    most: Math.min(number(row['most']), MOST_OF[String(row['type'])] ?? Infinity),
  },
})

const MOST_OF: Readonly<Record<string, number>> = { smallint: 32_767, integer: 2_147_483_647 }

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, pg_total_relation_size(c.oid) as bytes,
         pg_indexes_size(c.oid) as index_bytes, greatest(c.reltuples, s.n_live_tup) as rows, s.n_dead_tup as dead,
         s.n_mod_since_analyze as changed, s.seq_scan as scans, s.seq_tup_read as scanned, s.idx_scan as index_scans,
         extract(epoch from greatest(s.last_vacuum, s.last_autovacuum))::float8 * 1000 as vacuumed,
         extract(epoch from greatest(s.last_analyze, s.last_autoanalyze))::float8 * 1000 as analyzed,
         exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key,
         exists (select 1 from unnest(c.reloptions) o where o ~ '^autovacuum_enabled=(f|n|0|of)') as unattended,
         age(c.relfrozenxid) as age
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_stat_all_tables s on s.relid = c.oid
   where c.relkind = 'r' and c.relpersistence <> 't' and ${OWN}
     and ${isOwnTable('c')}
   order by bytes desc`

/** Expressions stand in the place of their columns, so that two of them can be compared. What somebody is still making has a lock. */
const INDEXES = `
  select format('%I.%I', n.nspname, c.relname) as name, format('%I.%I', n.nspname, t.relname) as table,
         pg_relation_size(c.oid) as bytes, s.idx_scan as scans, i.indisvalid as valid,
         i.indisprimary or i.indisunique or i.indisexclusion or i.indisreplident or c.relispartition or exists (
           select 1 from pg_constraint k where k.conindid = c.oid
         ) as holds,
         concat_ws(' ', i.indrelid, am.amname, i.indkey, i.indclass, i.indcollation, i.indoption,
                   pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)) as shape,
         array(select concat_ws(' ', pg_get_indexdef(c.oid, k, false), i.indclass[k - 1], i.indcollation[k - 1], i.indoption[k - 1])
                 from generate_series(1, i.indnkeyatts) k order by k) as columns,
         am.amname = 'btree' and i.indpred is null and i.indisvalid and i.indnatts = i.indnkeyatts as plain,
         pg_get_indexdef(c.oid) as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace join pg_am am on am.oid = c.relam
    join pg_stat_all_indexes s on s.indexrelid = i.indexrelid
   where ${OWN} and t.relkind = 'r' and ${isOwnTable('t')} and (i.indisvalid or not exists (
     select 1 from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.relation = i.indrelid and l.mode = 'ShareUpdateExclusiveLock' and l.granted
   ))`

/** One is enough whose first columns are those of the key, in any order. Who looks for a key looks for none that is null. */
const FOREIGN_KEYS = `
  select k.conname as name, format('%I.%I', n.nspname, t.relname) as table,
         array(select format('%I', a.attname) from unnest(k.conkey) with ordinality key(n, at)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.n order by key.at) as columns,
         exists (
           select 1 from pg_index i
            where i.indrelid = k.conrelid and i.indisvalid and cardinality(k.conkey) <= i.indnkeyatts
              and (i.indpred is null or exists (
                select 1 from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                   and pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)
              ))
              and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
         ) as indexed
    from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace
   where k.contype = 'f' and k.conparentid = 0 and ${OWN} and ${isOwnTable('t')}`

const SEQUENCES = `
  select format('%I.%I', s.schemaname, s.sequencename) as name, s.last_value as last, s.max_value as most,
         format('%I.%I', tn.nspname, t.relname) as table, a.attname as column, format_type(a.atttypid, null) as type
    from pg_sequences s
    join pg_namespace n on n.nspname = s.schemaname
    join pg_class c on c.relname = s.sequencename and c.relnamespace = n.oid
    left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0
    left join pg_class t on t.oid = d.refobjid left join pg_namespace tn on tn.oid = t.relnamespace
    left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
   where s.last_value is not null and s.increment_by > 0 and not s.cycle and ${OWN}`

const SETTINGS = `
  select name, case when unit is null then setting else current_setting(name) end as value from pg_settings
   where name in ('fsync', 'full_page_writes', 'autovacuum', 'autovacuum_freeze_max_age', 'max_connections',
                  'shared_buffers', 'work_mem', 'max_wal_size')`

/** A database that was never reset has no moment of its own. What the cluster counts has one, also after a crash lost the counts. */
const WHOLE = `
  select pg_database_size(d.oid) as bytes, age(d.datfrozenxid) as age,
         extract(epoch from greatest(s.stats_reset, b.stats_reset))::float8 * 1000 as since, s.blks_hit as found, s.blks_read as read,
         s.temp_bytes as temporary, current_setting('server_version_num')::int as version,
         (select count(*) from pg_stat_activity where datname is not null) as used
    from pg_database d join pg_stat_database s on s.datid = d.oid cross join pg_stat_bgwriter b where d.datname = current_database()`
