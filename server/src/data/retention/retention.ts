import type { RetentionRule } from '../../config/retention.ts'

/** A rule of `retention:` with its name. */
export type Named = RetentionRule & { name: string }

export const ACTIONS = ['archive', 'delete', 'anonymise'] as const
export type Action = (typeof ACTIONS)[number]

export const actionOf = ({ do: does }: Pick<RetentionRule, 'do'>): Action =>
  typeof does === 'string' ? does : 'anonymise'

export interface KeyColumn {
  name: string
  /** Quoted identifier. */
  ident: string
  /** The type with its schema, and without its length. */
  type: string
}

/** A foreign key of another table, or of the same one, to the table. Its identifiers are quoted. */
export interface Child {
  /** Name of the table that it is a key of, for people. */
  label: string
  ident: string
  columns: ReadonlyArray<{ from: string; to: string }>
  /** What becomes of its rows when those that they refer to go: they go too, lose the reference, or keep both. */
  onDelete: 'cascade' | 'loosen' | 'keep'
}

/** A table as its catalog describes it. */
export interface Shape {
  label: string
  /** Quoted identifier with the schema. */
  ident: string
  /** What it is called in the condition of a rule: its own name, quoted. */
  alias: string
  partitioned: boolean
  /** Whether row security hides rows of it from its owner. */
  cut: boolean
  key: readonly KeyColumn[]
  columns: ReadonlyArray<KeyColumn & { generated: boolean }>
  children: readonly Child[]
  /** Bytes of the table with its partitions and long values, and how many rows PostgreSQL estimates. */
  bytes: number
  rows: number
}

/** A version of a row: nobody changed the row as long as it is there. */
export interface Version {
  /** The transaction that wrote it. */
  xmin: string
  key: readonly string[]
}

/** What one rule did in one run. Times are milliseconds since 1970. */
export interface Receipt {
  run: string
  app: string
  rule: string
  table: string
  action: Action
  by: string
  state: 'running' | 'done' | 'stopped' | 'failed'
  rows: number
  /** Rows that are due and stay, because others refer to them. */
  kept: number
  /** Rows that were changed, or locked by a reference, between the look and the change. */
  left: number
  bytes: number
  /** Whether rows were still due when its time was over. */
  more: boolean
  error: string | null
  startedAt: number
  endedAt: number | null
}

/** Rows of a table as they were when they went, at each place of the app. */
export interface Archive {
  id: string
  app: string
  rule: string
  run: string
  table: string
  at: number
  /** taking: nothing of it was deleted; kept: its rows are being deleted; done; expired: it was removed. */
  state: 'taking' | 'kept' | 'done' | 'expired'
  rows: number
  bytes: number
  sha256: string
  /** The snapshot at each place. */
  parts: ReadonlyArray<{ place: string; id: string }>
  /** Lines whose rows stayed: they are in no other sense a part of it. */
  left: readonly number[]
}
