import type { DatabaseSync } from 'node:sqlite'

/** Work that is written as a whole or not at all, and waits for the disk once. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin immediate')
  try {
    const result = work()
    db.exec('commit')
    return result
  } catch (error) {
    // Where the disk is full, SQLite has taken it back already.
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}
