import { date, index, integer, pgEnum, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { companies } from '../companies/schema.ts'
import { statuses } from './status.ts'

export const contractStatus = pgEnum('contract_status', statuses)

export const contracts = pgTable(
  'contracts',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    companyId: integer('company_id')
      .notNull()
      .references(() => companies.id),
    title: text().notNull(),
    status: contractStatus().notNull().default('active'),
    portionsPerDay: integer('portions_per_day').notNull(),
    priceCents: integer('price_cents').notNull(),
    /** Monday is 1, Sunday 7. */
    weekdays: smallint().array().notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    deletedAt: timestamp('deleted_at', { withTimezone: true }),
  },
  table => [index('contracts_company').on(table.companyId)],
)

export type Contract = typeof contracts.$inferSelect
