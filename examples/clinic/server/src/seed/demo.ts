import { hashPassword } from '../accounts/password.ts'
import { type Database, inTransaction, one, type Pool } from '../database/pool.ts'
import { chance } from './chance.ts'
import { ADMIN_EMAIL, seedPeople } from './people.ts'
import { seedInvoices, seedMessages, seedScreenings, seedSessions } from './work.ts'

/** A clinic in the middle of its work, in one transaction. False when it is there already. */
export async function seedDemo(pool: Pool, settings: { now: Date; timeZone: string; password: string | undefined }) {
  const hash = settings.password === undefined ? undefined : await hashPassword(settings.password)
  return inTransaction(pool, async (db) => {
    if (await one(db, 'select 1 from accounts where email = $1', [ADMIN_EMAIL])) {
      await openDoors(db, hash)
      return false
    }
    const scene = { random: chance(20), now: settings.now, timeZone: settings.timeZone }
    const patients = await seedPeople(db, hash)
    await seedSessions(db, patients, scene)
    await seedScreenings(db, patients, scene)
    await seedInvoices(db, patients, scene)
    await seedMessages(db, patients, scene)
    return true
  })
}

/** For those who were added while no password was set; a password that is there stays. */
async function openDoors(db: Database, hash: string | undefined): Promise<void> {
  if (hash) await db.query('update accounts set password_hash = $1 where password_hash is null and active', [hash])
}
