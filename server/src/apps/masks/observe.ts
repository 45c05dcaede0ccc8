import { columnKey } from '../../config/masks.ts'
import type { Query } from '../databases/migrations.ts'
import type { Seen } from './rule.ts'
import { personalByValues } from './rule-personal.ts'
import type { Column, Looks, Table } from './table.ts'

/** Sessions here have no schema but pg_catalog on their path, so no name below means something of the app. */
const BASE = `
  with recursive d as (
    select a.atttypid as oid, a.atttypmod as mod, a.attnotnull as filled, 0 as depth
     union all
    select t.typbasetype, case when d.mod >= 0 then d.mod else t.typtypmod end, d.filled or t.typnotnull, d.depth + 1
      from d join pg_type t on t.oid = d.oid where t.typtype = 'd')
  select d.oid, d.mod, d.filled or t.typnotnull as filled, t.typname, t.typtype, t.typcategory, t.typnamespace
    from d join pg_type t on t.oid = d.oid order by d.depth desc limit 1`

const CATEGORY = `
  case when b.typcategory = 'A' then 'array'
       when b.typname = 'citext' and b.typtype = 'b' then 'text'
       when b.typnamespace <> 'pg_catalog'::regnamespace then 'other'
       when b.typname in ('text', 'varchar', 'bpchar', 'name') then 'text'
       when b.typname in ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8') then 'number'
       when b.typname in ('date', 'timestamp', 'timestamptz') then 'date'
       when b.typname in ('json', 'jsonb') then 'json'
       when b.typname in ('inet', 'cidr') then 'inet'
       when b.typname in ('uuid', 'bytea') then b.typname
       when b.typname = 'tsvector' then 'words'
       else 'other' end`

/** Columns of an index by which rows are told apart, those of its expressions too. */
const DISTINCT = `
  exists (select 1 from pg_index i where i.indrelid = c.oid and (i.indisunique or i.indisexclusion)
             and (a.attnum = any (i.indkey::int2[])
                  or exists (select 1 from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = i.indexrelid
                                and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid and p.refobjsubid = a.attnum)))
  or exists (select 1 from pg_constraint f where f.contype = 'f'
                and (f.conrelid = c.oid and a.attnum = any (f.conkey) or f.confrelid = c.oid and a.attnum = any (f.confkey)))`

const PARTITIONS = `
  exists (select 1 from pg_partition_ancestors(c.oid) r join pg_partitioned_table p on p.partrelid = r.relid
            join pg_attribute k on k.attrelid = p.partrelid and k.attnum = any (p.partattrs::int2[])
           where k.attname = a.attname)`

const COLUMNS = `
  select json_agg(json_build_object(
           'name', a.attname, 'ident', quote_ident(a.attname), 'category', ${CATEGORY},
           'caseless', b.typname = 'citext', 'notNull', b.filled, 'generated', a.attgenerated <> '',
           'length', case when b.typname = 'name' then 63 when b.typname in ('varchar', 'bpchar') and b.mod > 4 then b.mod - 4 end,
           'distinct', ${DISTINCT}, 'partitions', ${PARTITIONS}) order by a.attnum)
    from pg_attribute a cross join lateral (${BASE}) b
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

const PARENTS = `
  select json_agg(json_build_object('schema', pn.nspname, 'name', p.relname))
    from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_namespace pn on pn.oid = p.relnamespace
   where h.inhrelid = c.oid`

const REFERENCES = `
  select json_agg(json_build_object('schema', pn.nspname, 'name', p.relname, 'columns',
           (select json_agg(json_build_object('from', x.attname, 'to', y.attname))
              from unnest(f.conkey, f.confkey) k (here, there)
              join pg_attribute x on x.attrelid = f.conrelid and x.attnum = k.here
              join pg_attribute y on y.attrelid = f.confrelid and y.attnum = k.there)))
    from pg_constraint f join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
   where f.conrelid = c.oid and f.contype = 'f'`

const OF_EXTENSION = `
  exists (select 1 from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')`

const TABLES = `
  select n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as ident,
         c.relkind = 'r' as holds, row_security_active(c.oid) as cut,
         has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable,
         (${COLUMNS}) as columns, (${PARENTS}) as parents, (${REFERENCES}) as references
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relpersistence <> 't'
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not ${OF_EXTENSION}
   order by 1, 2`

interface Named {
  schema: string
  name: string
}

type Row = Omit<Table, 'key' | 'columns' | 'parents' | 'references'> &
  Named & {
    columns: Column[] | null
    parents: Named[] | null
    references: Array<Named & { columns: Array<{ from: string; to: string }> }> | null
  }

const keyOf = ({ schema, name }: Named): string => columnKey(schema, name)

/** The tables of a database that pg_dump would take, as its catalog describes them. `query`: signed in as its owner. */
export async function readTables(query: Query): Promise<Table[]> {
  const rows = (await query(TABLES)) as unknown as Row[]
  return rows.map(({ schema, columns, parents, references, ...row }) => ({
    ...row,
    key: keyOf({ schema, name: row.name }),
    columns: columns ?? [],
    parents: (parents ?? []).map(keyOf),
    references: (references ?? []).map(one => ({ table: keyOf(one), columns: one.columns })),
  }))
}

/** Extensions that only a superuser may create. */
export async function closedExtensions(query: Query): Promise<string[]> {
  const rows = await query(
    `select e.extname as name from pg_extension e where e.extname <> 'plpgsql' and not exists
       (select 1 from pg_available_extension_versions v where v.name = e.extname and v.trusted) order by 1`,
  )
  return rows.map(({ name }) => String(name))
}

/** Rows of each table that are looked at, and letters of each value. */
const SAMPLE = { rows: 200, letters: 1000 }

/** What some values of each column look like. No value is kept. */
export async function sample(query: Query, tables: readonly Table[]): Promise<Seen> {
  const seen = new Map<string, Map<string, Looks>>()
  for (const table of tables.filter(({ holds, cut, readable }) => holds && readable && !cut)) {
    const columns = table.columns.filter(({ category }) => ['text', 'json', 'array'].includes(category))
    if (columns.length === 0) continue
    const values = columns.map(({ ident }, i) => `left(${ident}::text, ${SAMPLE.letters}) as c${i}`)
    const rows = await query(`select ${values.join(', ')} from only ${table.ident} limit ${SAMPLE.rows}`)
    const of = new Map<string, Looks>()
    for (const [i, { name }] of columns.entries()) {
      const looks = personalByValues(rows.map(row => row[`c${i}`]).filter(value => typeof value === 'string'))
      if (looks !== null) of.set(name, looks)
    }
    seen.set(table.key, of)
  }
  return seen
}

/** Where each sequence stands. */
export async function sequences(
  query: Query,
): Promise<Array<{ ident: string; last: string; called: boolean }>> {
  const known = await query(
    `select format('%I.%I', n.nspname, c.relname) as ident from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and c.relpersistence <> 't' and not ${OF_EXTENSION} order by 1`,
  )
  const all = []
  for (const { ident } of known) {
    const [row] = await query(`select last_value::text as last, is_called as called from ${String(ident)}`)
    all.push({ ident: String(ident), last: String(row!['last']), called: row!['called'] === true })
  }
  return all
}
