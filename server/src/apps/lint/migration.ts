import type { ParsedFile } from './op.ts'

/** A pending migration. */
export interface Migration {
  name: string
  /** null: it is code. */
  sql: ParsedFile | null
  /** How its tool runs it: all pending ones in one transaction, each in its own, or none. */
  mode: 'all' | 'each' | 'none'
  /** What its tool does about transactions, and how a file gets out of one. */
  tool: string
}
