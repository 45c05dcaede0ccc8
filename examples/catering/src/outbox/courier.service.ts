import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common'
import { Cron } from '@nestjs/schedule'
import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm'
import { DATABASE, type Database } from '../database/database.ts'
import { waitAfter } from './backoff.ts'
import { type OutboxMessage, outbox } from './schema.ts'
import { DELIVER, type Deliver } from './webhook.ts'

/** Empties the outbox. As many as there are instances work at once, each on messages that no other has. */
@Injectable()
export class Courier implements BeforeApplicationShutdown {
  readonly #log = new Logger('Courier')
  #ending = false
  #underWay: Promise<number> = Promise.resolve(0)

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DELIVER) private readonly deliver: Deliver,
  ) {}

  @Cron('*/5 * * * * *', { waitForCompletion: true })
  async everyFiveSeconds(): Promise<void> {
    this.#underWay = this.drain()
    try {
      await this.#underWay
    } catch (error) {
      this.#log.error(`not done: ${(error as Error).message}`)
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#ending = true
    await this.#underWay.catch(() => 0)
  }

  /** How many it has taken out and tried. */
  async drain(): Promise<number> {
    let tried = 0
    while (!this.#ending && (await this.#one())) tried++
    return tried
  }

  /**
   * The row stays locked while it is delivered, so that no other courier takes it; if this process dies, the lock goes
   * with its connection and the message waits as before.
   */
  #one(): Promise<boolean> {
    const isDue = and(isNull(outbox.sentAt), isNull(outbox.failedAt), lte(outbox.nextAttemptAt, sql`now()`))
    return this.db.transaction(async tx => {
      const [message] = await tx
        .select()
        .from(outbox)
        .where(isDue)
        .orderBy(asc(outbox.id))
        .limit(1)
        .for('update', { skipLocked: true })
      if (!message) return false
      const outcome = await this.#outcomeOf(message)
      await tx.update(outbox).set(outcome).where(eq(outbox.id, message.id))
      return true
    })
  }

  async #outcomeOf(message: OutboxMessage) {
    const attempts = message.attempts + 1
    try {
      await this.deliver(message)
      return { attempts, sentAt: new Date(), error: null }
    } catch (cause) {
      const error = reasonOf(cause as Error)
      const wait = waitAfter(attempts)
      this.#log.warn(
        `message ${message.id}, attempt ${attempts}: ${error}; ${wait ? `again in ${wait} s` : 'given up'}`,
      )
      if (wait === undefined) return { attempts, error, failedAt: new Date() }
      return { attempts, error, nextAttemptAt: new Date(Date.now() + wait * 1000) }
    }
  }
}

/** `fetch failed` says nothing; why it failed stands below it. */
const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message
