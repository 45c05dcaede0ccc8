import { Logger } from '@nestjs/common'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'

/** The pool, or a transaction in it. */
export type Database = NodePgDatabase

/** The token under which the pool is injected. */
export const DATABASE = Symbol('database')

export type PooledDatabase = NodePgDatabase & { $client: pg.Pool }

export function openDatabase(connectionString: string, max: number): PooledDatabase {
  const pool = new pg.Pool({ connectionString, max, connectionTimeoutMillis: 3000 })
  const log = new Logger('Database')
  // Without listeners a connection that breaks while nobody asks anything of it would end the process, be it idle in
  // the pool or in the hands of a transaction that waits for something else. The pool replaces it by itself.
  pool.on('connect', client => client.on('error', error => log.warn(`a connection broke: ${error.message}`)))
  pool.on('error', () => {})
  return drizzle(pool)
}
