import { newestFirst, type Tables } from '../storage/tables.ts'
import type { Ledger, Month } from './money.ts'

const newest = <Row extends { id: number }>(when: (row: Row) => Date) => (a: Row, b: Row) =>
  +when(b) - +when(a) || b.id - a.id

export function ledgerInMemory(tables: Tables): Ledger {
  return {
    async addPayments(rows) {
      const added = rows.map((row) => ({ id: tables.nextId(), ...row, guestId: row.guestId ?? null, note: row.note ?? null }))
      tables.payments.push(...added)
      return added
    },
    async addExpenses(rows) {
      const added = rows.map((row) => ({ id: tables.nextId(), ...row, note: row.note ?? null }))
      tables.expenses.push(...added)
      return added
    },
    async payments(limit) {
      const rows = newestFirst(tables.payments).sort(newest((row) => row.paidAt)).slice(0, limit)
      return rows.map((row) => ({ ...row, guestName: tables.guests.get(row.guestId ?? 0)?.name ?? null }))
    },
    async expenses(limit) {
      return newestFirst(tables.expenses).sort(newest((row) => row.spentAt)).slice(0, limit)
    },
    async months(since) {
      const months = new Map<string, Month>()
      const add = (kind: 'income' | 'spent', at: Date, cents: number) => {
        if (at < since) return
        const month = at.toISOString().slice(0, 7)
        const total = months.get(month) ?? { month, income: 0, spent: 0 }
        months.set(month, { ...total, [kind]: total[kind] + cents })
      }
      for (const payment of tables.payments) add('income', payment.paidAt, payment.cents)
      for (const expense of tables.expenses) add('spent', expense.spentAt, expense.cents)
      return [...months.values()].sort((a, b) => a.month.localeCompare(b.month))
    },
  }
}
