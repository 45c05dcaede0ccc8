import { z } from 'zod'

/** What a copy has in the place of a value. What each makes of it stands in apps/masks/rule-kinds.ts. */
export const MASKS = [
  'keep',
  'null',
  'empty',
  'email',
  'name',
  'phone',
  'text',
  'number',
  'date',
  'hash',
] as const
export type MaskKind = (typeof MASKS)[number]

const PART = /"(?:[^"]|"")+"|[^".]+/g
const COLUMN = /^(?:"(?:[^"]|"")+"|[^".]+)(?:\.(?:"(?:[^"]|"")+"|[^".]+)){1,2}$/

const unquoted = (part: string): string =>
  part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part

/** Reads `table.column` or `schema.table.column`; a part with a dot or a quote stands in quotes, as in SQL. */
export function columnNamed(key: string): { schema: string; table: string; column: string } {
  const parts = (key.match(PART) ?? []).map(unquoted)
  const [column, table, schema = 'public'] = parts.toReversed()
  return { schema, table: table!, column: column! }
}

const quoted = (part: string): string => (/[".]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)

/** The other way round. */
export const columnKey = (schema: string, table: string, column?: string): string =>
  [...(schema === 'public' ? [] : [schema]), table, ...(column === undefined ? [] : [column])]
    .map(quoted)
    .join('.')

/** A database that begins as a copy. Without a rule a column is copied as it is, and one that looks personal is refused. */
export const maskedCopy = z.strictObject({
  from: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,29}$/, 'the name of an environment, as staging')
    .describe('The environment of this app whose database is copied'),
  mask: z
    .record(
      z.string().regex(COLUMN, 'table.column, or schema.table.column'),
      // In YAML, null without quotes is no text.
      z.union([z.enum(MASKS), z.null()]).transform((kind): MaskKind => kind ?? 'null'),
    )
    .default({})
    .describe('table.column → what the copy has in the place of its values'),
})
export type MaskedCopy = z.output<typeof maskedCopy>
