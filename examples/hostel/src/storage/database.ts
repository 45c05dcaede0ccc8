import { drizzle, type NodePgQueryResultHKT } from 'drizzle-orm/node-postgres'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { log } from '../log.ts'

/** The pool, or a transaction in it. */
export type Database = PgDatabase<NodePgQueryResultHKT, Record<string, never>>

export interface Connection {
  url: string
  poolSize: number
}

export function openPool({ url, poolSize }: Connection): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, connectionTimeoutMillis: 3000 })
  // Without a listener, an idle connection that the database drops would end the process.
  pool.on('error', (error) => log.warn('database connection lost', { reason: error.message }))
  return pool
}

export const databaseOn = (pool: pg.Pool): Database => drizzle(pool)
