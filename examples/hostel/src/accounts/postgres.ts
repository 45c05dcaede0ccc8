import { and, eq, gt, lt } from 'drizzle-orm'
import type { Database } from '../storage/database.ts'
import type { Accounts } from './account.ts'
import { sessions, users } from './schema.ts'

export function accountsInPostgres(db: Database): Accounts {
  return {
    async add(user) {
      await db.insert(users).values(user).onConflictDoNothing()
    },
    async byEmail(email) {
      return (await db.select().from(users).where(eq(users.email, email)))[0]
    },
    async openSession(session) {
      await db.delete(sessions).where(lt(sessions.expiresAt, new Date()))
      await db.insert(sessions).values(session)
    },
    async userOfSession(id, now) {
      const rows = await db
        .select({ user: users })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(and(eq(sessions.id, id), gt(sessions.expiresAt, now)))
      return rows[0]?.user
    },
    async closeSession(id) {
      await db.delete(sessions).where(eq(sessions.id, id))
    },
  }
}
