/** What the API answers with. Moments are ISO texts, days "2026-03-01". */
export interface Account { id: number; name: string; email: string; role: 'admin' | 'therapist' | 'patient' }

export interface Therapist { id: number; name: string; approach: string; room: string; feeCents: number }

export interface Patient {
  id: number; name: string; email: string; therapistId: number; therapist: string; born: string; phone: string; concern: string
}

export interface PatientSummary extends Patient {
  nextSession: string | null; lastPhq9: number | null; lastGad7: number | null; flagged: boolean
}

export type SessionState = 'booked' | 'held' | 'missed' | 'cancelled'

export interface Session {
  id: number; therapistId: number; therapist: string; patientId: number; patient: string
  startsAt: string; endsAt: string; kind: 'intake' | 'individual' | 'video'; state: SessionState; note: string
}

export type Kind = 'phq9' | 'gad7'

export interface Screening {
  id: number; patientId: number; patient: string; kind: Kind; dueOn: string
  answers: number[] | null; score: number | null; band: string | null; flagged: boolean; takenAt: string | null
}

export interface Questionnaire { title: string; questions: string[]; bands: { from: number; name: string }[] }
export interface Questionnaires { questionnaires: Record<Kind, Questionnaire>; frequencies: string[] }

export type InvoiceState = 'draft' | 'sent' | 'paid' | 'void'

export interface Invoice {
  id: number; patientId: number; patient: string; state: InvoiceState; number: string | null; amountCents: number
  createdAt: string; sentAt: string | null; dueOn: string | null; paidAt: string | null
}

export interface Message { id: number; patientId: number; authorId: number; body: string; sentAt: string; readAt: string | null }

export interface Conversation {
  patientId: number; patient: string; therapistId: number; therapist: string
  lastBody: string | null; lastAt: string | null; unread: number
}

export interface Overview {
  sessions: Session[]; unread: number; screeningsDue: Screening[]; flagged: Screening[]
  toBill: number; openInvoices: number; openCents: number
}

export interface Export { id: number; kind: string; fromDay: string; toDay: string; file: string; rowCount: number; madeBy: string; madeAt: string }
