import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

export const capsules = pgTable('capsules', {
  number: text().primaryKey(),
  deck: text().notNull(),
  clean: boolean().notNull().default(true),
})

export const problems = pgTable(
  'problems',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    capsule: text().notNull().references(() => capsules.number),
    description: text().notNull(),
    reportedAt: timestamp('reported_at', { withTimezone: true }).notNull().defaultNow(),
    resolvedAt: timestamp('resolved_at', { withTimezone: true }),
  },
  (t) => [index('problems_open').on(t.capsule).where(sql`${t.resolvedAt} is null`)],
)
