import { z } from 'zod'
import { optionalText } from '../guests/input.ts'
import type { expenses, payments } from './schema.ts'

export type Payment = typeof payments.$inferSelect
export type Expense = typeof expenses.$inferSelect

const cents = z.number().int().min(1).max(100_000_000)

export const PaymentInput = z.object({
  guestId: z.number().int().positive().nullish(),
  cents,
  method: z.enum(['cash', 'card', 'transfer']),
  note: optionalText(200),
})
export const ExpenseInput = z.object({
  category: z.enum(['rent', 'wages', 'utilities', 'laundry', 'repairs', 'supplies']),
  cents,
  note: optionalText(200),
})

export type NewPayment = z.infer<typeof PaymentInput> & { paidAt: Date }
export type NewExpense = z.infer<typeof ExpenseInput> & { spentAt: Date }
/** `month` is "2025-11", in UTC. */
export interface Month {
  month: string
  income: number
  spent: number
}

export interface Ledger {
  addPayments(payments: NewPayment[]): Promise<Payment[]>
  addExpenses(expenses: NewExpense[]): Promise<Expense[]>
  payments(limit: number): Promise<(Payment & { guestName: string | null })[]>
  expenses(limit: number): Promise<Expense[]>
  /** Only the months that have an entry, the oldest first. */
  months(since: Date): Promise<Month[]>
}
