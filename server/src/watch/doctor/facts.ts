/** What the catalogs of one database say. Sizes in bytes, times in milliseconds since 1970. Names are quoted as SQL needs them, with their schema. */
export interface DatabaseFacts {
  at: number
  /** Since when PostgreSQL counts, at the latest; null: not known. */
  since: number | null
  bytes: number
  tables: readonly TableFacts[]
  indexes: readonly IndexFacts[]
  foreignKeys: readonly ForeignKey[]
  sequences: readonly SequenceFacts[]
  /** Transactions since rows of the oldest table were last frozen, of the 2,147,483,648 that there are. */
  age: number
  connections: { used: number; most: number }
  /** Blocks of tables and indexes that were asked for: found in memory, or read. */
  blocks: { found: number; read: number }
  /** `requested`: because so much was written that the time was not waited for. */
  checkpoints: { timed: number; requested: number }
  /** Written to disk by sorts and joins that did not fit into `work_mem`. */
  temporaryBytes: number
  settings: Readonly<Record<string, string>>
}

export interface TableFacts {
  name: string
  /** With its indexes. */
  bytes: number
  indexBytes: number
  rows: number
  deadRows: number
  changedSinceAnalyze: number
  /** By a person, or by PostgreSQL; null: never. */
  vacuumedAt: number | null
  analyzedAt: number | null
  /** Reads of all of it, and the rows that they went through. */
  scans: number
  scannedRows: number
  indexScans: number
  hasKey: boolean
  /** `autovacuum_enabled = off` at the table. */
  unattended: boolean
  /** Transactions since its rows were last frozen. */
  age: number
}

export interface IndexFacts {
  name: string
  table: string
  bytes: number
  scans: number
  valid: boolean
  /** It keeps something true (a key, `unique`, an exclusion), or is a part of the index of a partitioned table. */
  holds: boolean
  /** Two with the same are the same index. */
  shape: string
  /** The columns in their order, each with its operators, collation and direction; an expression is one, too. */
  columns: readonly string[]
  /** Of rows that are all in it, of a kind that finds by the first columns, and with no columns that are only carried along. */
  plain: boolean
  definition: string
}

export interface ForeignKey {
  name: string
  table: string
  /** Quoted. */
  columns: readonly string[]
  indexed: boolean
}

export interface SequenceFacts {
  name: string
  /** The column whose default it is; null: of none. */
  column: { table: string; name: string; type: string } | null
  last: number
  /** The last value that the sequence and its column can have. */
  most: number
}
