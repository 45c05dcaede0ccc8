import type { Login } from '../../apps/databases/cluster.ts'

interface Asked {
  from: Login
  database: string
  /** A query whose identifiers are quoted. */
  select: string
  /** Settings of the sessions, by name. */
  settings: Readonly<Record<string, string>>
  /** Folder for what is on its way. */
  scratch: string
  signal: AbortSignal
}

/** Port to rows in bulk: too many to be held in memory. */
export interface Rows {
  /** What a query answers on one server becomes rows of a table on another. */
  move(order: Asked & { to: Login; into: string }): Promise<void>
  /** As CSV with a header row, in a file in the scratch folder, which is answered. */
  csv(order: Asked): Promise<string>
}
