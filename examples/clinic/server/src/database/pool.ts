import pg from 'pg'
import { log, reasonOf } from '../log.ts'

export type Pool = pg.Pool
/** What a query needs: the pool, or the one connection of a transaction. */
export type Database = Pick<pg.Pool, 'query'>

const DATE = 1082
// A day has no time zone: as a Date it would move to the day before in half of the world.
pg.types.setTypeParser(DATE, String)

/** One connection of the size belongs to the listener of the chat. */
export function openPool({ databaseUrl, poolSize }: { databaseUrl: string; poolSize: number }): Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize - 1, connectionTimeoutMillis: 3000 })
  // An idle connection that breaks would end the process otherwise. The pool opens another one by itself.
  pool.on('error', (error) => log.warn('lost a connection to the database', { reason: reasonOf(error) }))
  return pool
}

export async function inTransaction<T>(pool: Pool, work: (db: Database) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.release(broken)
  }
}

/** The only row of an answer that has one. */
export async function one<T extends pg.QueryResultRow>(db: Database, text: string, values: unknown[]): Promise<T | undefined> {
  return (await db.query<T>(text, values)).rows[0]
}

export async function all<T extends pg.QueryResultRow>(db: Database, text: string, values: unknown[] = []): Promise<T[]> {
  return (await db.query<T>(text, values)).rows
}
