import type { Login } from '../databases/cluster.ts'

interface Between {
  /** Both sign in as the owner of their database. */
  from: Login & { database: string }
  to: Login & { database: string }
  /** What the reader sees, as `pg_export_snapshot` named it. */
  snapshot: string
  signal: AbortSignal
}

/** Port for what goes from the database of one app into that of another. Failure `preview.copy`, which shows no value. */
export interface Transfer {
  /** Makes how everything is defined there, without owners and rights: before its rows are there, or after. */
  define(order: Between & { section: 'pre-data' | 'post-data' }): Promise<void>
  /** Copies what a query answers, and returns how many rows that was. `salt`: what the query finds as its setting. */
  rows(order: Between & { select: string; into: string; salt: string }): Promise<number>
}
