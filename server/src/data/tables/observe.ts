import type { Query } from '../../apps/databases/migrations.ts'
import type { Column, Shape } from './table.ts'

/** Prefix of the scratch schema that holds the rows of a moment while they are compared. */
export const SCRATCH = 'innkeeper_restore_'

const label = (schema: string, name: string): string => (schema === 'public' ? name : `${schema}.${name}`)

interface Row {
  schema: string
  name: string
  ident: string
  partitioned: boolean
  columns: Column[] | null
  key: { primary: boolean; columns: string[] } | null
  sequences: Array<{ column: string; sequence: string }> | null
  parents: Array<{ schema: string; name: string } & Omit<Shape['parents'][number], 'table'>> | null
  estimate: number
}

/** All tables of a database, as its catalog describes them. Types are named with their schema. */
export async function readShapes(query: Query): Promise<Shape[]> {
  await query(`select set_config('search_path', '', false)`)
  const rows = (await query(TABLES, [`^${SCRATCH}`])) as unknown as Row[]
  return rows.map(row => ({
    schema: row.schema,
    name: row.name,
    label: label(row.schema, row.name),
    ident: row.ident,
    from: row.partitioned ? row.ident : `only ${row.ident}`,
    partitioned: row.partitioned,
    columns: row.columns ?? [],
    key: row.key?.columns ?? null,
    primary: row.key?.primary ?? false,
    sequences: row.sequences ?? [],
    parents: (row.parents ?? []).map(p => ({
      constraint: p.constraint,
      table: label(p.schema, p.name),
      deferrable: p.deferrable,
      onDelete: p.onDelete,
    })),
    estimate: row.estimate,
  }))
}

const COLUMNS = `
  select json_agg(json_build_object(
           'name', a.attname, 'ident', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod),
           'cast', format_type(a.atttypid, -1),
           'collation', case when a.attcollation <> t.typcollation then format('%I.%I', cn.nspname, co.collname) end,
           'generated', a.attgenerated <> '') order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_collation co on co.oid = a.attcollation left join pg_namespace cn on cn.oid = co.collnamespace
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

/** The key columns of an index, without its included columns. */
const INDEXED = `unnest(i.indkey::int2[]) with ordinality k (attnum, n)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.n <= i.indnkeyatts`

const KEY = `
  select json_build_object('primary', i.indisprimary,
           'columns', (select json_agg(a.attname order by k.n) from ${INDEXED}))
    from pg_index i
   where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
     and i.indpred is null and i.indexprs is null
     and not exists (select 1 from ${INDEXED} where not a.attnotnull)
   order by i.indisprimary desc, i.indexrelid limit 1`

/** Sequences of whole-number columns: serial, identity, and columns whose default uses a shared sequence. */
const SEQUENCES = `
  select json_agg(distinct jsonb_build_object('column', quote_ident(a.attname), 'sequence', format('%I.%I', sn.nspname, s.relname)))
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_depend p on (p.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass
                         and p.refobjid = a.attrelid and p.refobjsubid = a.attnum and p.deptype in ('a', 'i'))
                     or (p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass)
    join pg_class s on s.oid in (p.objid, p.refobjid) and s.relkind = 'S'
    join pg_namespace sn on sn.oid = s.relnamespace
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)`

const PARENTS = `
  select json_agg(json_build_object('constraint', f.conname, 'schema', pn.nspname, 'name', p.relname, 'deferrable', f.condeferrable,
           'onDelete', case f.confdeltype when 'c' then 'cascade' when 'n' then 'loosen' when 'd' then 'loosen' end) order by f.conname)
    from pg_constraint f join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
   where f.conrelid = c.oid and f.contype = 'f'`

const TABLES = `
  select n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as ident,
         c.relkind = 'p' as partitioned, greatest(c.reltuples, 0)::float8 as estimate,
         (${COLUMNS}) as columns, (${KEY}) as key, (${SEQUENCES}) as sequences, (${PARENTS}) as parents
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relpersistence <> 't'
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname !~ $1
   order by 1, 2`
