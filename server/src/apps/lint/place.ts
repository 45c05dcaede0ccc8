import type { Known, LiveColumn, LiveTable, ServedStatement } from './facts.ts'
import type { Name } from './op.ts'

/** How the judged files have changed the database until now, and what their transaction holds. */
export interface Progress {
  /** Tables and views that these files made. Nobody waits for them. */
  made: Set<string>
  /** Tables that they dropped, or gave another name. */
  dropped: Set<string>
  /** Values of enums that the transaction under way added. */
  fresh: Set<string>
  /** Tables whose lock the transaction under way keeps from everybody, with the line that took it. */
  held: Map<string, number>
  /** Columns that a check of these files, validated by now, says are not null; and checks that are not validated yet. */
  notNull: Set<string>
  checks: Map<string, string>
  /** Within `begin` … `commit` of the file itself. */
  begun: boolean
}

export const beginning = (): Progress => ({
  ...{
    made: new Set<string>(),
    dropped: new Set<string>(),
    fresh: new Set<string>(),
    held: new Map<string, number>(),
  },
  ...{ notNull: new Set<string>(), checks: new Map<string, string>() },
  begun: false,
})

/** Where a statement stands: what is known of the database, and what came before. */
export interface Place {
  known: Known
  progress: Progress
  /** It runs together with others in one transaction. */
  transaction: boolean
  /** Says why, where its tool decides that. */
  tool: string
}

export const quote = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
export const show = ({ schema, name }: Name): string =>
  schema === null ? quote(name) : `${quote(schema)}.${quote(name)}`
/** Names without a schema are of `public`, unless the search path is another one: then a finding too many is said, and none too few. */
export const keyOf = ({ schema, name }: Name): string => `${schema ?? 'public'}.${name}`

/** The table as it is now; null: it is not there, or nobody could ask. */
export function tableAt({ known: { live } }: Place, wanted: Name): LiveTable | null {
  if (live === null) return null
  const same = live.tables.filter(({ name }) => name === wanted.name)
  if (wanted.schema !== null) return same.find(({ schema }) => schema === wanted.schema) ?? null
  for (const schema of live.path) {
    const found = same.find(one => one.schema === schema)
    if (found !== undefined) return found
  }
  return same[0] ?? null
}

export const columnAt = (place: Place, table: Name, column: string): LiveColumn | null =>
  tableAt(place, table)?.columns.find(({ name }) => name === column) ?? null

/** Whether anybody may be using it: it is no table that these files make. */
export function isUsed(place: Place, table: Name): boolean {
  if (place.known.empty || place.progress.made.has(keyOf(table))) return false
  return place.known.live === null || tableAt(place, table) !== null
}

/** Statements of what serves that name the table, and the column where one is given; null: nobody counts. */
export function askedBy(
  { known: { served } }: Place,
  table: Name,
  column?: string,
): ServedStatement[] | null {
  if (served === null) return null
  return served.statements.filter(
    one =>
      one.tables.some(
        ({ schema, name }) =>
          name === table.name && (schema === null || table.schema === null || schema === table.schema),
      ) &&
      (column === undefined || one.columns.includes(column)),
  )
}
