import type { Login } from '../../apps/databases/cluster.ts'

interface Asked {
  from: Login
  database: string
  /** The query; its identifiers must be quoted already. */
  select: string
  /** Name → value of the settings of both sessions. */
  settings: Readonly<Record<string, string>>
  /** Scratch folder for the data between the two servers. */
  scratch: string
  signal: AbortSignal
}

/** Port for moving rows in bulk, which are too many for memory. */
export interface Rows {
  /** Copies the result of a query into a table on another server. */
  move(order: Asked & { to: Login; into: string }): Promise<void>
  /**
   * The SQL that makes a table as it is, but for its owner and rights: `before` its rows are there (columns, defaults,
   * checks, its own sequences), and `after` (keys, indexes, triggers).
   */
  definition(
    order: Omit<Asked, 'select' | 'scratch'> & { schema: string; name: string },
  ): Promise<{ before: string; after: string }>
  /** Writes the result as CSV with a header row into a file in the scratch folder. Returns its path. */
  csv(order: Asked): Promise<string>
}
