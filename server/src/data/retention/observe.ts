import type { Query } from '../../apps/databases/migrations.ts'
import { columnKey, columnNamed } from '../../config/masks.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Child, Shape } from './retention.ts'

const TYPE = `'name', a.attname, 'ident', quote_ident(a.attname), 'type', format_type(a.atttypid, -1)`

const KEY = `
  select json_agg(json_build_object(${TYPE}) order by k.n)
    from pg_index i, unnest(i.indkey::int2[]) with ordinality k (attnum, n)
    join pg_attribute a on a.attnum = k.attnum
   where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and k.n <= i.indnkeyatts`

const COLUMNS = `
  select json_agg(json_build_object(${TYPE}, 'generated', a.attgenerated <> '') order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

/** Of a partitioned table the constraint itself, without those that it made for each partition. */
const CHILDREN = `
  select json_agg(json_build_object(
           'schema', rn.nspname, 'table', r.relname, 'ident', format('%I.%I', rn.nspname, r.relname),
           'onDelete', case f.confdeltype when 'c' then 'cascade' when 'n' then 'loosen' when 'd' then 'loosen' else 'keep' end,
           'columns', (select json_agg(json_build_object('from', quote_ident(x.attname), 'to', quote_ident(y.attname)))
                         from unnest(f.conkey, f.confkey) k (here, there)
                         join pg_attribute x on x.attrelid = f.conrelid and x.attnum = k.here
                         join pg_attribute y on y.attrelid = f.confrelid and y.attnum = k.there)) order by f.conname)
    from pg_constraint f join pg_class r on r.oid = f.conrelid join pg_namespace rn on rn.oid = r.relnamespace
   where f.confrelid = c.oid and f.contype = 'f' and f.conparentid = 0`

const TABLE = `
  select n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as ident, quote_ident(c.relname) as alias,
         c.relkind = 'p' as partitioned, row_security_active(c.oid) as cut,
         (${KEY}) as key, (${COLUMNS}) as columns, (${CHILDREN}) as children,
         (select coalesce(sum(pg_table_size(p.relid)), 0)::float8 from pg_partition_tree(c.oid) p) as bytes,
         (select coalesce(sum(greatest(l.reltuples, 0)), 0)::float8 from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid
           where p.isleaf) as rows
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and n.nspname = $1 and c.relname = $2`

type Row = Omit<Shape, 'label' | 'key' | 'columns' | 'children'> & {
  schema: string
  name: string
  key: Shape['key'] | null
  columns: Shape['columns'] | null
  children: Array<Omit<Child, 'label'> & { schema: string; table: string }> | null
}

/** The table that a rule names. Failure `retention.table`: there is none, or its rows cannot be told apart or all be seen. */
export async function readShape(query: Query, rule: string, named: string): Promise<Shape> {
  const { schema, table } = columnNamed(`${named}.x`)
  const [row] = await query(TABLE, [schema, table])
  if (row === undefined)
    throw unfit(rule, `there is no table ${columnKey(schema, table)}`, 'correct `table:`')
  const found = row as unknown as Row
  const shape: Shape = {
    ...found,
    label: columnKey(found.schema, found.name),
    key: found.key ?? [],
    columns: found.columns ?? [],
    children: (found.children ?? []).map(one => ({ ...one, label: columnKey(one.schema, one.table) })),
  }
  if (shape.key.length === 0)
    throw unfit(
      rule,
      `${shape.label} has no primary key, so its rows cannot be told apart`,
      'give it one in a migration',
    )
  if (shape.cut)
    throw unfit(
      rule,
      `row security hides rows of ${shape.label} from its owner`,
      'take `force row level security` from it',
    )
  return shape
}

export const unfit = (rule: string, why: string, fix: string): Failure =>
  new Failure('retention.table', `the rule ${rule} of \`retention:\` cannot be carried out`, {
    why,
    fix: `${fix}, or take the rule out of innkeeper.yaml; nothing was changed`,
  })
