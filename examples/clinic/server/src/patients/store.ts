import type { Account } from '../accounts/account.ts'
import { addAccount } from '../accounts/store.ts'
import { hashPassword } from '../accounts/password.ts'
import { all, type Database, inTransaction, one, type Pool } from '../database/pool.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import type { NewPatient, Patient, PatientChange, PatientSummary } from './patient.ts'

const COLUMNS = `p.id, a.name, a.email, p.therapist_id as "therapistId", t.name as therapist, p.born, p.phone, p.concern`
const TABLES = 'patients p join accounts a on a.id = p.id join accounts t on t.id = p.therapist_id'

/** A patient sees themselves, a therapist their own, an admin everybody. `$1` and `$2` are of the account. */
export const VISIBLE = `($1 = 'admin' or p.id = $2 or p.therapist_id = $2)`
export const visibleTo = (account: Account) => [account.role, account.id]

/** Refuses with 404 also what exists and is not for this account: its existence says something already. */
export async function patientFor(db: Database, account: Account, id: number): Promise<Patient> {
  const patient = await one<Patient>(
    db,
    `select ${COLUMNS} from ${TABLES} where ${VISIBLE} and p.id = $3 and a.active`,
    [...visibleTo(account), id],
  )
  if (!patient) throw notFound('patient')
  return patient
}

export function listPatients(db: Database, account: Account, search: string, page: { limit: number; offset: number }) {
  const last = (kind: string) =>
    `(select score from screenings where patient_id = p.id and kind = '${kind}' and taken_at is not null order by taken_at desc limit 1)`
  return all<PatientSummary>(
    db,
    `select ${COLUMNS}, ${last('phq9')} as "lastPhq9", ${last('gad7')} as "lastGad7",
       coalesce((select flagged from screenings where patient_id = p.id and kind = 'phq9' and taken_at is not null
                 order by taken_at desc limit 1), false) as flagged,
       (select min(lower(during)) from sessions where patient_id = p.id and state = 'booked' and during && tstzrange(now(), null))
         as "nextSession"
     from ${TABLES}
     where ${VISIBLE} and a.active and ($3 = '' or a.name ilike '%' || $3 || '%')
     order by a.name, p.id limit $4 offset $5`,
    [...visibleTo(account), escapeLike(search), page.limit, page.offset],
  )
}

export async function addPatient(pool: Pool, patient: NewPatient & { therapistId: number }): Promise<number> {
  const passwordHash = await hashPassword(patient.password)
  return inTransaction(pool, async (db) => {
    await requireTherapist(db, patient.therapistId)
    const account = await addAccount(db, { ...patient, role: 'patient', passwordHash })
    if (!account) throw new Refusal(409, 'email_taken', 'Somebody has this address already.')
    await db.query('insert into patients (id, therapist_id, born, phone, concern) values ($1, $2, $3, $4, $5)', [
      account.id, patient.therapistId, patient.born, patient.phone, patient.concern,
    ])
    return account.id
  })
}

export async function changePatient(db: Database, id: number, change: PatientChange): Promise<void> {
  if (change.therapistId !== undefined) await requireTherapist(db, change.therapistId)
  await db.query(
    `update patients set phone = coalesce($2, phone), concern = coalesce($3, concern),
       therapist_id = coalesce($4, therapist_id) where id = $1`,
    [id, change.phone, change.concern, change.therapistId],
  )
}

export async function requireTherapist(db: Database, id: number): Promise<void> {
  const found = await one(db, 'select 1 from therapists join accounts using (id) where id = $1 and active', [id])
  if (!found) throw notFound('therapist')
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')
