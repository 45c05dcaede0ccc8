import { z } from 'zod'
import { Day, Id, Moment } from '../http/params.ts'

export const kinds = ['intake', 'individual', 'video'] as const
export type SessionState = 'booked' | 'held' | 'missed' | 'cancelled'

export interface Session {
  id: number
  therapistId: number
  therapist: string
  patientId: number
  patient: string
  startsAt: Date
  endsAt: Date
  kind: (typeof kinds)[number]
  state: SessionState
  note: string
  invoiceId: number | null
}

export const NewSession = z.strictObject({
  patientId: Id,
  /** Default: who treats the patient. */
  therapistId: Id.optional(),
  startsAt: Moment,
  minutes: z.number().int().min(25).max(180).default(50),
  kind: z.enum(kinds).default('individual'),
  note: z.string().trim().max(500).default(''),
})
export type NewSession = z.infer<typeof NewSession>

export const SessionChange = z.strictObject({ state: z.enum(['held', 'missed', 'cancelled']) })

export const SessionFilter = z.object({
  from: Moment.optional(),
  to: Moment.optional(),
  therapistId: Id.optional(),
  patientId: Id.optional(),
})
export type SessionFilter = z.infer<typeof SessionFilter>

export const FreeSlots = z.object({ patientId: Id, day: Day })
