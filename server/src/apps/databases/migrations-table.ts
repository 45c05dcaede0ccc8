import type { Query } from './migrations-place.ts'

/** A table, by its schema and its name as they are, without quotes. */
export interface TableName {
  schema: string
  name: string
}

/** What is known of a table's name; null: any. */
export interface TableWanted {
  schema: string | null
  name: string | null
}

export interface FoundTable extends TableName {
  columns: string[]
}

/** How the table of a tool looks. */
export interface TableShape {
  /** Where it is when nothing was configured; the first wins. */
  usual: readonly TableName[]
  /** Columns that are read. */
  reads: readonly string[]
  /** All of its columns, by which it is found under a name that nobody told of; null: too common to be told by them. */
  all: readonly string[] | null
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A name, or a table with its schema, as SQL takes it. */
export const quoted = (what: TableName | string): string =>
  typeof what === 'string' ? quote(what) : `${quote(what.schema)}.${quote(what.name)}`

/** `schema.name` or `name`, as innkeeper.yaml and some tools write it. */
export function parseTable(text: string): TableWanted {
  const dot = text.indexOf('.')
  return dot < 0 ? { schema: null, name: text } : { schema: text.slice(0, dot), name: text.slice(dot + 1) }
}

/**
 * Tables that may be the one of the tool: those of a name, and those of its shape. The catalogs and operators are
 * named with their schema, because the search path may be any. What the owner may not read is nothing that its tool wrote.
 */
export async function tablesLike(
  query: Query,
  { shape, names }: { shape: TableShape; names: readonly string[] },
): Promise<FoundTable[]> {
  const rows = await query(
    `select n.nspname::text as schema, c.relname::text as name, a.columns
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
       cross join lateral (
         select pg_catalog.array_agg(attname::text order by attname::text collate "C") as columns
           from pg_catalog.pg_attribute where attrelid operator(pg_catalog.=) c.oid and attnum operator(pg_catalog.>) 0::int2 and not attisdropped) a
      where c.relkind operator(pg_catalog.=) any('{r,p}'::"char"[])
        and n.nspname::text operator(pg_catalog.!~) '^(pg_|information_schema$)'
        and (c.relname::text operator(pg_catalog.=) any($1::text[]) or a.columns operator(pg_catalog.=) $2::text[])
        and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')
      order by 1, 2`,
    [names, [...(shape.all ?? [])].sort()],
  )
  return rows
    .map(row => ({
      schema: String(row['schema']),
      name: String(row['name']),
      columns: row['columns'] as string[],
    }))
    .filter(table => shape.reads.every(column => table.columns.includes(column)))
}

/** The table of that name. Of several, the usual one; null: there is none, or nobody can tell which. */
export function byName(
  tables: readonly FoundTable[],
  wanted: TableWanted,
  usual: readonly TableName[],
): FoundTable | null {
  const fits = (schema: string | null, name: string) => (table: FoundTable) =>
    table.name === name && (schema === null || table.schema === schema)
  const names = wanted.name === null ? [...new Set(usual.map(u => u.name))] : [wanted.name]
  const found = names.flatMap(name => tables.filter(fits(wanted.schema, name)))
  if (found.length < 2) return found[0] ?? null
  const schemas = [...usual.map(u => u.schema), 'public']
  return (
    schemas.map(schema => found.find(table => table.schema === schema)).find(t => t !== undefined) ?? null
  )
}

/** Tables of the shape, whatever they are called. */
export const byShape = (tables: readonly FoundTable[], { all }: TableShape): FoundTable[] =>
  all === null
    ? []
    : tables.filter(t => t.columns.length === all.length && all.every(c => t.columns.includes(c)))
