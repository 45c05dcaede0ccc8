import { bigint, date, index, integer, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core'
import { contracts } from '../contracts/schema.ts'

const moment = (name: string) => timestamp(name, { withTimezone: true })

export const serviceDays = pgTable(
  'service_days',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    contractId: integer('contract_id')
      .notNull()
      .references(() => contracts.id),
    day: date().notNull(),
    expectedPortions: integer('expected_portions').notNull(),
    expectedByCatererAt: moment('expected_by_caterer_at'),
    expectedByCustomerAt: moment('expected_by_customer_at'),
    servedPortions: integer('served_portions'),
    servedByCatererAt: moment('served_by_caterer_at'),
    servedByCustomerAt: moment('served_by_customer_at'),
  },
  table => [
    unique('service_days_once').on(table.contractId, table.day),
    index('service_days_day').on(table.day, table.id),
  ],
)

export type ServiceDay = typeof serviceDays.$inferSelect

/** Which job was done for which day, so that it is done once by however many instances. */
export const jobRuns = pgTable(
  'job_runs',
  {
    job: text().notNull(),
    day: date().notNull(),
    made: integer().notNull(),
    ranAt: moment('ran_at').notNull().defaultNow(),
  },
  table => [primaryKey({ columns: [table.job, table.day] })],
)
