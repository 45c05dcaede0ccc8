import { boolean, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

export const kioskTokens = pgTable('kiosk_tokens', {
  token: text().primaryKey(),
  label: text().notNull(),
  reusable: boolean().notNull().default(false),
  usedAt: timestamp('used_at', { withTimezone: true }),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})
