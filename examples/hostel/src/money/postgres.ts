import { desc, eq, gte, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { guests } from '../guests/schema.ts'
import type { Database } from '../storage/database.ts'
import type { Ledger, Month } from './money.ts'
import { expenses, payments } from './schema.ts'

export function ledgerInPostgres(db: Database): Ledger {
  return {
    addPayments: (rows) => db.insert(payments).values(rows).returning(),
    addExpenses: (rows) => db.insert(expenses).values(rows).returning(),
    async payments(limit) {
      const rows = await db
        .select({ payment: payments, guestName: guests.name })
        .from(payments)
        .leftJoin(guests, eq(guests.id, payments.guestId))
        .orderBy(desc(payments.paidAt), desc(payments.id))
        .limit(limit)
      return rows.map(({ payment, guestName }) => ({ ...payment, guestName }))
    },
    expenses: (limit) => db.select().from(expenses).orderBy(desc(expenses.spentAt), desc(expenses.id)).limit(limit),
    months: (since) => months(db, since),
  }
}

async function months(db: Database, since: Date): Promise<Month[]> {
  const monthOf = (at: AnyPgColumn) => sql<string>`to_char(${at} at time zone 'UTC', 'YYYY-MM')`
  const total = (cents: AnyPgColumn) => sql<number>`sum(${cents})`.mapWith(Number)
  const income = await db
    .select({ month: monthOf(payments.paidAt), cents: total(payments.cents) })
    .from(payments).where(gte(payments.paidAt, since)).groupBy(sql`1`)
  const spent = await db
    .select({ month: monthOf(expenses.spentAt), cents: total(expenses.cents) })
    .from(expenses).where(gte(expenses.spentAt, since)).groupBy(sql`1`)
  const names = [...new Set([...income, ...spent].map((row) => row.month))].sort()
  const of = (rows: typeof income, month: string) => rows.find((row) => row.month === month)?.cents ?? 0
  return names.map((month) => ({ month, income: of(income, month), spent: of(spent, month) }))
}
