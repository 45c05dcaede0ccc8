import { all, type Database, one } from '../database/pool.ts'
import { VISIBLE } from '../patients/store.ts'
import type { Account } from '../accounts/account.ts'
import type { Kind } from './questionnaire.ts'
import type { Result } from './scoring.ts'

export interface Screening {
  id: number
  patientId: number
  patient: string
  kind: Kind
  dueOn: string
  answers: number[] | null
  score: number | null
  band: string | null
  flagged: boolean
  takenAt: Date | null
}

const COLUMNS = `s.id, s.patient_id as "patientId", a.name as patient, s.kind, s.due_on as "dueOn", s.answers, s.score, s.band,
  s.flagged, s.taken_at as "takenAt"`
const TABLES = 'screenings s join patients p on p.id = s.patient_id join accounts a on a.id = p.id'

export const screeningsOf = (db: Database, patientId: number) =>
  all<Screening>(db, `select ${COLUMNS} from ${TABLES} where s.patient_id = $1 order by s.taken_at nulls last, s.id`, [patientId])

/** Undefined also for what is none of this account's business. */
export const screeningFor = (db: Database, account: Account, id: number) =>
  one<Screening>(db, `select ${COLUMNS} from ${TABLES} where ${VISIBLE} and s.id = $3 and $1 <> 'admin'`, [
    account.role, account.id, id,
  ])

export const openScreenings = (db: Database, account: Account) =>
  all<Screening>(
    db,
    `select ${COLUMNS} from ${TABLES} where ${VISIBLE} and $1 <> 'admin' and s.taken_at is null order by s.due_on, s.id limit 100`,
    [account.role, account.id],
  )

/** What was flagged in the last 30 days and is the patient's newest PHQ-9. */
export const flaggedScreenings = (db: Database, therapistId: number) =>
  all<Screening>(
    db,
    `select ${COLUMNS} from ${TABLES}
     where p.therapist_id = $1 and s.flagged and s.taken_at > now() - interval '30 days' and not exists (
       select 1 from screenings later where later.patient_id = s.patient_id and later.kind = s.kind and later.taken_at > s.taken_at)
     order by s.taken_at desc limit 20`,
    [therapistId],
  )

/** Undefined while the same questionnaire is still open. */
export const askFor = (db: Database, patientId: number, kind: Kind, dueOn: string) =>
  one<{ id: number }>(
    db,
    `insert into screenings (patient_id, kind, due_on) values ($1, $2, $3)
     on conflict (patient_id, kind) where taken_at is null do nothing returning id`,
    [patientId, kind, dueOn],
  )

/** False when it has been answered already: what was answered stays as it was. */
export async function saveAnswers(db: Database, id: number, answers: number[], { score, band, flagged }: Result) {
  const { rowCount } = await db.query(
    `update screenings set answers = $2, score = $3, band = $4, flagged = $5, taken_at = now() where id = $1 and taken_at is null`,
    [id, answers, score, band, flagged],
  )
  return rowCount === 1
}
