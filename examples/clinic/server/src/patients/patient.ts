import { z } from 'zod'
import { Day, Id } from '../http/params.ts'

export interface Patient {
  id: number
  name: string
  email: string
  therapistId: number
  therapist: string
  born: string
  phone: string
  concern: string
}

/** Of a list: what is next, and what was measured last. */
export interface PatientSummary extends Patient {
  nextSession: Date | null
  lastPhq9: number | null
  lastGad7: number | null
  flagged: boolean
}

// It begins with a letter also because names land in spreadsheets, which would compute "=…".
const Name = z.string().trim().max(120).regex(/^\p{L}[\p{L}\p{M} .'’-]+$/u, 'must be a name')
const Phone = z.string().trim().regex(/^\+?[\d ()/-]{5,30}$/, 'must be a phone number')
const Concern = z.string().trim().max(500)

export const NewPatient = z.strictObject({
  name: Name,
  email: z.email().max(200),
  password: z.string().min(8).max(200),
  born: Day,
  phone: Phone,
  concern: Concern.default(''),
  /** Left out by a therapist, who means themselves. */
  therapistId: Id.optional(),
})
export type NewPatient = z.infer<typeof NewPatient>

export const PatientChange = z
  .strictObject({ phone: Phone, concern: Concern, therapistId: Id })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'nothing to change')
export type PatientChange = z.infer<typeof PatientChange>
