import { z } from 'zod'
import { Id } from '../http/params.ts'

export interface Message {
  id: number
  patientId: number
  authorId: number
  body: string
  sentAt: Date
  readAt: Date | null
}

export interface Conversation {
  patientId: number
  patient: string
  therapistId: number
  therapist: string
  lastBody: string | null
  lastAt: Date | null
  unread: number
}

export const NewMessage = z.strictObject({ patientId: Id, body: z.string().trim().min(1).max(4000) })
export type NewMessage = z.infer<typeof NewMessage>
export const ReadUpTo = z.strictObject({ patientId: Id })
export const Before = z.object({ before: Id.optional() })
