import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const moment = (name: string) => timestamp(name, { withTimezone: true })

export const outbox = pgTable(
  'outbox',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    attempts: integer().notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    sentAt: moment('sent_at'),
    failedAt: moment('failed_at'),
    error: text(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  // Small however long the table: it holds what waits.
  table => [index('outbox_waiting').on(table.id).where(sql`${table.sentAt} is null and ${table.failedAt} is null`)],
)

export type OutboxMessage = typeof outbox.$inferSelect
