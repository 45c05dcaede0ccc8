import { sql } from 'drizzle-orm'
import { check, integer, pgEnum, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { companies } from '../companies/schema.ts'
import { roles } from './role.ts'

export const userRole = pgEnum('user_role', roles)

export const users = pgTable(
  'users',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    email: text().notNull().unique('users_email'),
    name: text().notNull(),
    role: userRole().notNull(),
    /** Of customers, and of nobody else. */
    companyId: integer('company_id').references(() => companies.id),
    passwordHash: text('password_hash').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  table => [check('users_company', sql`(${table.role} = 'customer') = (${table.companyId} is not null)`)],
)

export type User = typeof users.$inferSelect
