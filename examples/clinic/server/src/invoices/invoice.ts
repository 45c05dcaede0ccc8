import { z } from 'zod'
import { Id } from '../http/params.ts'

export const states = ['draft', 'sent', 'paid', 'void'] as const
export type InvoiceState = (typeof states)[number]

export interface InvoiceLine {
  heldOn: string
  description: string
  amountCents: number
}

export interface Invoice {
  id: number
  patientId: number
  patient: string
  state: InvoiceState
  /** "2026-0042", once it was sent. */
  number: string | null
  amountCents: number
  createdAt: Date
  sentAt: Date | null
  dueOn: string | null
  paidAt: Date | null
  voidedAt: Date | null
}

export const NewInvoice = z.strictObject({ patientId: Id })
export const InvoiceFilter = z.object({ state: z.enum(states).optional(), patientId: Id.optional() })
