import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Database } from '../storage/database.ts'
import type { Kiosk } from './kiosk.ts'
import { kioskTokens } from './schema.ts'

export function kioskInPostgres(db: Database): Kiosk {
  return {
    async add(token) {
      await db.insert(kioskTokens).values(token).onConflictDoNothing()
    },
    async find(token) {
      return (await db.select().from(kioskTokens).where(eq(kioskTokens.token, token)))[0]
    },
    list: () => db.select().from(kioskTokens).orderBy(desc(kioskTokens.createdAt)).limit(100),
    async use(token, at) {
      const unused = and(eq(kioskTokens.token, token), isNull(kioskTokens.usedAt))
      return (await db.update(kioskTokens).set({ usedAt: at }).where(unused).returning()).length === 1
    },
  }
}
