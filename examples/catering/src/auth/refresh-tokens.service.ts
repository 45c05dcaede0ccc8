import { createHash, randomBytes } from 'node:crypto'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { eq, lt, sql } from 'drizzle-orm'
import { DATABASE, type Database } from '../database/database.ts'
import { refreshTokens, sessions } from './schema.ts'

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

/** A plain hash is enough: tokens are random and long, so there is nothing to guess that a slow hash would hinder. */
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')

export interface Rotated {
  userId: number
  refreshToken: string
}

@Injectable()
export class RefreshTokens {
  readonly #log = new Logger('RefreshTokens')

  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** The first one of a new family. */
  open(userId: number, now = new Date()): Promise<string> {
    return this.db.transaction(async tx => {
      const [session] = await tx
        .insert(sessions)
        .values({ userId, expiresAt: lifetimeFrom(now) })
        .returning()
      return this.#add(tx, session!.id)
    })
  }

  /**
   * A new one for an old one, once. Whoever comes with a rotated one has stolen it, or was robbed of it: nobody knows
   * which, so the whole family goes. Undefined then, and when it is not known or too old.
   */
  rotate(token: string, now = new Date()): Promise<Rotated | undefined> {
    const hash = hashOf(token)
    return this.db.transaction(async tx => {
      const session = await this.#lockSessionOf(tx, hash)
      // Read after the lock was granted: another request may have rotated it while this one waited.
      const [found] = await tx.select().from(refreshTokens).where(eq(refreshTokens.hash, hash))
      if (!session || !found || session.expiresAt <= now) return undefined
      if (found.rotatedAt) {
        await tx.delete(sessions).where(eq(sessions.id, session.id))
        this.#log.warn(`a rotated token came again: session ${session.id} of user ${session.userId} is revoked`)
        return undefined
      }
      await tx.update(refreshTokens).set({ rotatedAt: now }).where(eq(refreshTokens.hash, hash))
      await tx
        .update(sessions)
        .set({ expiresAt: lifetimeFrom(now) })
        .where(eq(sessions.id, session.id))
      return { userId: session.userId, refreshToken: await this.#add(tx, session.id) }
    })
  }

  /** Deletes the family at once; nothing happens when it is not there. */
  async revoke(token: string): Promise<void> {
    await this.db.transaction(async tx => {
      const session = await this.#lockSessionOf(tx, hashOf(token))
      if (session) await tx.delete(sessions).where(eq(sessions.id, session.id))
    })
  }

  async deleteExpired(now: Date): Promise<number> {
    const { rowCount } = await this.db.delete(sessions).where(lt(sessions.expiresAt, now))
    return rowCount ?? 0
  }

  /** Whatever happens to a family happens under this lock, one after the other. */
  async #lockSessionOf(tx: Database, hash: string) {
    const id = sql`(select session_id from refresh_tokens where hash = ${hash})`
    const [session] = await tx.select().from(sessions).where(eq(sessions.id, id)).for('update')
    return session
  }

  async #add(tx: Database, sessionId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    await tx.insert(refreshTokens).values({ hash: hashOf(token), sessionId })
    return token
  }
}

const lifetimeFrom = (now: Date) => new Date(+now + LIFETIME_MS)
