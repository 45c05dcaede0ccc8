import type { TableDifference } from '../restores/wire.ts'

export interface Column {
  name: string
  /** Quoted identifier. */
  ident: string
  type: string
  /** The type without its length: a cast with a length would cut values that do not fit. */
  cast: string
  /** Quoted; null: the collation of the type. */
  collation: string | null
  /** Whether it is a generated column. */
  generated: boolean
}

/** A foreign key to another table. */
export interface Parent {
  constraint: string
  /** Label of the other table. */
  table: string
  deferrable: boolean
  /** What becomes of rows when the rows that they refer to are deleted: they go too, or lose the reference. */
  onDelete: 'cascade' | 'loosen' | null
}

/** A table as its catalog describes it. */
export interface Shape {
  schema: string
  name: string
  /** The name for people: `guest`, or `billing.guest` outside of `public`. */
  label: string
  /** Quoted identifier with the schema. */
  ident: string
  /** What stands after `from` to read its own rows, without those of tables that inherit from it. */
  from: string
  partitioned: boolean
  columns: readonly Column[]
  /** Names of columns that identify a row and are never null; null: there are none. */
  key: readonly string[] | null
  /** Whether the key is the primary key. */
  primary: boolean
  /** Sequences that fill columns; both names are quoted. */
  sequences: ReadonlyArray<{ column: string; sequence: string }>
  parents: readonly Parent[]
  /** How many rows PostgreSQL estimates; 0 also where it does not know. */
  estimate: number
}

/** What is done with the rows after the comparison. */
export type Wish = { kind: 'compare' } | { kind: 'merge' } | { kind: 'copy'; name: string } | { kind: 'csv' }

/** How tables differ between a moment and now. */
export interface Comparison {
  run: string
  app: string
  /** The moment in milliseconds since 1970; `says`: in words. */
  at: number
  says: string
  tables: readonly TableDifference[]
}

/** A table at the moment (`there`) and now (`here`), and what of it can be compared. */
export interface Pair {
  there: Shape
  /** null: the table does not exist any more. */
  here: Shape | null
  /** Names of the columns that both have, without generated ones. */
  shared: readonly string[]
  onlyThere: readonly string[]
  onlyHere: readonly string[]
  key: readonly string[] | null
}
