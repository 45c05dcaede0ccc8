import { desc, eq, ilike, or, sql } from 'drizzle-orm'
import type { Database } from '../storage/database.ts'
import type { Guests } from './guest.ts'
import { guests } from './schema.ts'

export function guestsInPostgres(db: Database): Guests {
  return {
    list(search, limit) {
      const part = `%${search.replace(/[\\%_]/g, '\\$&')}%`
      const matches = search ? or(ilike(guests.name, part), ilike(guests.phone, part)) : undefined
      return db.select().from(guests).where(matches).orderBy(desc(guests.id)).limit(limit)
    },
    async get(id) {
      return (await db.select().from(guests).where(eq(guests.id, id)))[0]
    },
    async findOrAdd(input) {
      // An update that changes nothing, because "do nothing" returns no row.
      const same = { target: [guests.phone, guests.name], set: { phone: sql`excluded.phone` } }
      return (await db.insert(guests).values(input).onConflictDoUpdate(same).returning())[0]!
    },
    async update(id, change) {
      return (await db.update(guests).set(change).where(eq(guests.id, id)).returning())[0]
    },
    async setPhoto(id, photo) {
      await db.update(guests).set({ photo }).where(eq(guests.id, id))
    },
  }
}
