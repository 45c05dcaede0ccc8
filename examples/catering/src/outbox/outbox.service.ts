import { ConflictException, Inject, Injectable, NotFoundException } from '@nestjs/common'
import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { DATABASE, type Database } from '../database/database.ts'
import { outbox } from './schema.ts'

const MOST = 100

@Injectable()
export class OutboxService {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** In the transaction that it tells about: both are there, or neither. */
  async put(tx: Database, kind: string, payload: Record<string, unknown>): Promise<void> {
    await tx.insert(outbox).values({ kind, payload })
  }

  async overview() {
    const is = (condition: ReturnType<typeof sql>) => sql<number>`count(*) filter (where ${condition})`.mapWith(Number)
    const [counts] = await this.db
      .select({
        waiting: is(sql`${outbox.sentAt} is null and ${outbox.failedAt} is null`),
        sent: is(sql`${outbox.sentAt} is not null`),
        failed: is(sql`${outbox.failedAt} is not null`),
      })
      .from(outbox)
    const troubled = and(isNull(outbox.sentAt), isNotNull(outbox.error))
    const messages = await this.db.select().from(outbox).where(troubled).orderBy(desc(outbox.id)).limit(MOST)
    return { ...counts!, messages }
  }

  /** Once more from the beginning, for what was given up. */
  async retry(id: number) {
    const [message] = await this.db
      .update(outbox)
      .set({ failedAt: null, attempts: 0, nextAttemptAt: sql`now()` })
      .where(and(eq(outbox.id, id), isNotNull(outbox.failedAt)))
      .returning()
    if (message) return message
    if ((await this.db.$count(outbox, eq(outbox.id, id))) === 0)
      throw new NotFoundException(`There is no message ${id}`)
    throw new ConflictException('This message was not given up: it waits, or is sent')
  }
}
