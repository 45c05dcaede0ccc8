import { z } from 'zod'
import type { sessions, users } from './schema.ts'

export type User = typeof users.$inferSelect
export type NewUser = Pick<User, 'email' | 'name' | 'passwordHash'>
export type Session = typeof sessions.$inferSelect

export const LogIn = z.object({ email: z.email().toLowerCase(), password: z.string().min(1).max(200) })

export interface Accounts {
  /** Does nothing when the address already has an account. */
  add(user: NewUser): Promise<void>
  byEmail(email: string): Promise<User | undefined>
  openSession(session: Session): Promise<void>
  userOfSession(id: string, now: Date): Promise<User | undefined>
  closeSession(id: string): Promise<void>
}
