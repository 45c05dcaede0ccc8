import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { capsules } from '../capsules/schema.ts'
import { guests } from '../guests/schema.ts'

export const checkIns = pgTable(
  'check_ins',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    ref: text().notNull(),
    guestId: integer('guest_id').notNull().references(() => guests.id),
    capsule: text().references(() => capsules.number),
    state: text({ enum: ['staying', 'waiting', 'left'] }).notNull(),
    source: text({ enum: ['desk', 'kiosk'] }).notNull(),
    checkedInAt: timestamp('checked_in_at', { withTimezone: true }).notNull().defaultNow(),
    dueOut: timestamp('due_out', { withTimezone: true }).notNull(),
    checkedOutAt: timestamp('checked_out_at', { withTimezone: true }),
  },
  (t) => [
    // text_pattern_ops lets "starts with" use the index whatever the collation.
    uniqueIndex('check_ins_ref').on(t.ref.op('text_pattern_ops')),
    // Two instances may pick the same free capsule; the database lets one of them have it.
    uniqueIndex('check_ins_one_per_capsule').on(t.capsule).where(sql`${t.state} = 'staying'`),
    index('check_ins_present').on(t.state, t.checkedInAt).where(sql`${t.state} <> 'left'`),
  ],
)
