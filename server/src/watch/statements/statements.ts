import { iso } from '../../kernel/moments.ts'
import type { Statements } from './wire.ts'

/** So many statements are told. */
export const MOST = 20

/** What a PostgreSQL has counted. `since`: milliseconds since 1970; null: nothing yet. */
export interface Counted {
  since: number | null
  /** Of all statements, also of those that are not told. */
  totalMs: number
  statements: readonly Statement[]
}

export interface Statement {
  /** With `$1` in place of each value. */
  text: string
  calls: number
  rows: number
  totalMs: number
  longestMs: number
  /** Blocks that were in the server's memory, and those that it had to ask the system for. */
  blocks: { found: number; read: number }
}

/** What people see of it. */
export const viewOf = (app: string, { since, totalMs, statements }: Counted): Statements => ({
  app,
  since: since === null ? null : iso(since),
  statements: statements.map(({ text, calls, rows, totalMs: spent, longestMs, blocks }) => ({
    ...{ text, calls, totalMs: spent, longestMs },
    share: totalMs === 0 ? 0 : spent / totalMs,
    meanMs: calls === 0 ? 0 : spent / calls,
    rowsPerCall: calls === 0 ? 0 : rows / calls,
    fromMemory: blocks.found + blocks.read === 0 ? null : blocks.found / (blocks.found + blocks.read),
  })),
})
