import type { MaskKind } from '../../config/masks.ts'

/** What a type is like, of a domain what it is made of. */
export type Category =
  | 'text'
  | 'number'
  | 'date'
  | 'json'
  | 'inet'
  | 'uuid'
  | 'bytea'
  | 'array'
  | 'words'
  | 'other'

export interface Column {
  name: string
  /** Quoted identifier. */
  ident: string
  category: Category
  /** Whether upper and lower case are the same to it (citext). */
  caseless: boolean
  /** Most letters of a text; null: as many as you like. */
  length: number | null
  notNull: boolean
  generated: boolean
  /** Whether it is part of what must be unique, or of a foreign key on either side: different values must stay different. */
  distinct: boolean
  /** Whether its value decides which partition a row lies in. */
  partitions: boolean
}

/** A foreign key, or the columns that a partition or an heir has from its parent. */
export interface Reference {
  /** `to` refers to the columns of a table with this key. */
  table: string
  columns: ReadonlyArray<{ from: string; to: string }>
}

export interface Table {
  /** As rules of the file name it: `users`, `billing.invoice`. */
  key: string
  name: string
  /** Quoted identifier with the schema. */
  ident: string
  /** Whether rows lie in it; those of a partitioned table lie in its partitions. */
  holds: boolean
  /** Keys of the tables that it is a partition or an heir of. */
  parents: readonly string[]
  columns: readonly Column[]
  references: readonly Reference[]
  /** Whether row security cuts what its owner reads. */
  cut: boolean
  readable: boolean
}

/** How the rows of one table are copied: both are SQL. */
export interface TableCopy {
  key: string
  select: string
  into: string
}

/** Why a column looks personal, and what to put in the place of its values. */
export interface Looks {
  why: string
  kind: MaskKind
}

/** A column that looks personal and has no rule. `key`: as rules name it. */
export interface Personal extends Looks {
  key: string
}
