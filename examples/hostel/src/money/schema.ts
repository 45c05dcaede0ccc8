import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { guests } from '../guests/schema.ts'

export const payments = pgTable(
  'payments',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    guestId: integer('guest_id').references(() => guests.id),
    cents: integer().notNull(),
    method: text({ enum: ['cash', 'card', 'transfer'] }).notNull(),
    note: text(),
    paidAt: timestamp('paid_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('payments_paid_at').on(t.paidAt)],
)

export const expenses = pgTable(
  'expenses',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    category: text({ enum: ['rent', 'wages', 'utilities', 'laundry', 'repairs', 'supplies'] }).notNull(),
    cents: integer().notNull(),
    note: text(),
    spentAt: timestamp('spent_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('expenses_spent_at').on(t.spentAt)],
)
