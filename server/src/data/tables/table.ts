import type { TableDifference } from '../restores/wire.ts'

export interface Column {
  name: string
  /** Quoted. */
  ident: string
  type: string
  /** The type without its length: a cast to one with it would cut what does not fit. */
  cast: string
  /** Quoted; null: the collation of the type. */
  collation: string | null
  /** Its value follows from other columns. */
  generated: boolean
}

/** A foreign key to another table. */
export interface Parent {
  constraint: string
  /** Label of the other table. */
  table: string
  deferrable: boolean
}

/** A table as its catalog describes it. */
export interface Shape {
  schema: string
  name: string
  /** As people say it: `guest`, and `billing.guest` outside of `public`. */
  label: string
  /** Quoted, with the schema. */
  ident: string
  /** What its own rows are read from: not those of tables that inherit from it. */
  from: string
  columns: readonly Column[]
  /** Names of the columns that tell its rows apart, never null; null: nothing does. */
  key: readonly string[] | null
  /** The key is the primary one. */
  primary: boolean
  /** Sequences that fill a column, both quoted. */
  sequences: ReadonlyArray<{ column: string; sequence: string }>
  parents: readonly Parent[]
}

/** What is done with the rows beside seeing how they differ. */
export type Wish = { kind: 'compare' } | { kind: 'merge' } | { kind: 'copy'; name: string } | { kind: 'csv' }

/** How tables at a moment differ from those that serve. */
export interface Comparison {
  run: string
  app: string
  /** The moment, milliseconds since 1970, and as it is said. */
  at: number
  says: string
  tables: readonly TableDifference[]
}

/** A table there and here, and what can be compared of it. */
export interface Pair {
  there: Shape
  /** null: it is not there any more. */
  here: Shape | null
  /** Names of the columns that both have, but for generated ones. */
  shared: readonly string[]
  onlyThere: readonly string[]
  onlyHere: readonly string[]
  key: readonly string[] | null
}
