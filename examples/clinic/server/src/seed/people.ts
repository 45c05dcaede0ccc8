import { all, type Database } from '../database/pool.ts'
import { concerns, firstNames, lastNames, therapists } from './names.ts'

export const ADMIN_EMAIL = 'office@lindenhof.example'
const PATIENTS = 120

export interface Treated { id: number; therapistId: number; index: number }

interface Person { email: string; name: string; role: string }

/** One hash for all: to derive each by itself would take longer than everything else here. */
export async function seedPeople(db: Database, passwordHash: string | undefined): Promise<Treated[]> {
  await addAccounts(db, [{ email: ADMIN_EMAIL, name: 'Office', role: 'admin' }], passwordHash)
  const staff = therapists.map(({ name }) => ({ email: emailOf(name, 'lindenhof'), name, role: 'therapist' }))
  const therapistIds = await addAccounts(db, staff, passwordHash)
  await db.query(
    `insert into therapists (id, approach, room, fee_cents)
     select id, approach, room, fee_cents from json_to_recordset($1) as t (id int, approach text, room text, fee_cents int)`,
    [JSON.stringify(therapists.map((t, i) => ({ ...t, id: therapistIds[i], fee_cents: t.feeCents })))],
  )
  const names = Array.from({ length: PATIENTS }, (_, i) => patientName(i))
  const ids = await addAccounts(db, names.map((name) => ({ email: emailOf(name, 'mail'), name, role: 'patient' })), passwordHash)
  const treated = ids.map((id, index) => ({ id, index, therapistId: therapistIds[index % therapistIds.length]! }))
  await db.query(
    `insert into patients (id, therapist_id, born, phone, concern)
     select id, therapist_id, born, phone, concern
     from json_to_recordset($1) as p (id int, therapist_id int, born date, phone text, concern text)`,
    [JSON.stringify(treated.map(patientRow))],
  )
  return treated
}

/** Different for each of the first nine hundred. */
export const patientName = (i: number) => `${firstNames[i % 30]} ${lastNames[(i * 7 + Math.floor(i / 30)) % 30]}`

const patientRow = ({ id, therapistId, index }: Treated) => ({
  id,
  therapist_id: therapistId,
  born: `${1955 + ((index * 13) % 50)}-${String((index % 12) + 1).padStart(2, '0')}-${String((index % 28) + 1).padStart(2, '0')}`,
  phone: `+43 1 555 ${String(1000 + index * 37).padStart(4, '0')}`,
  concern: concerns[index % concerns.length],
})

function emailOf(name: string, host: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return `${plain.replaceAll(' ', '.')}@${host}.example`
}

/** Their ids, in the same order. */
async function addAccounts(db: Database, people: Person[], passwordHash: string | undefined): Promise<number[]> {
  const rows = await all<{ id: number; email: string }>(
    db,
    `insert into accounts (email, name, role, password_hash)
     select email, name, role, $2 from json_to_recordset($1) as p (email text, name text, role text) returning id, email`,
    [JSON.stringify(people), passwordHash ?? null],
  )
  const ids = new Map(rows.map((row) => [row.email, row.id]))
  return people.map(({ email }) => ids.get(email)!)
}
