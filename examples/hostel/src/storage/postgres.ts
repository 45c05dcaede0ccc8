import { accountsInPostgres } from '../accounts/postgres.ts'
import { capsulesInPostgres } from '../capsules/postgres.ts'
import { checkInsInPostgres } from '../checkins/postgres.ts'
import { guestsInPostgres } from '../guests/postgres.ts'
import { kioskInPostgres } from '../kiosk/postgres.ts'
import { ledgerInPostgres } from '../money/postgres.ts'
import { settingsInPostgres } from '../settings/postgres.ts'
import { type Connection, databaseOn, openPool } from './database.ts'
import { notifications } from './notifications.ts'
import type { Storage } from './storage.ts'

export function postgresStorage(connection: Connection): Storage {
  const pool = openPool(connection)
  const db = databaseOn(pool)
  const changes = notifications(pool, connection.url)
  return {
    kind: 'postgres',
    fallback: false,
    accounts: accountsInPostgres(db),
    capsules: capsulesInPostgres(db),
    guests: guestsInPostgres(db),
    checkIns: checkInsInPostgres(db),
    ledger: ledgerInPostgres(db),
    settings: settingsInPostgres(db),
    kiosk: kioskInPostgres(db),
    changes,
    async ping() {
      await pool.query('select 1')
    },
    async close() {
      await changes.close()
      await pool.end()
    },
  }
}
