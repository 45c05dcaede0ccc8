import type { Account } from '../accounts/account.ts'
import { all, type Database, one } from '../database/pool.ts'
import { VISIBLE, visibleTo } from '../patients/store.ts'
import type { NewSession, Session, SessionFilter, SessionState } from './session.ts'

const COLUMNS = `s.id, s.therapist_id as "therapistId", t.name as therapist, s.patient_id as "patientId", a.name as patient,
  lower(s.during) as "startsAt", upper(s.during) as "endsAt", s.kind, s.state, s.note, s.invoice_id as "invoiceId"`
const TABLES = `sessions s join patients p on p.id = s.patient_id join accounts a on a.id = p.id join accounts t on t.id = s.therapist_id`
// Whoever stands in for a colleague sees the session too.
const SEEN = `(${VISIBLE} or s.therapist_id = $2)`

export function listSessions(db: Database, account: Account, filter: SessionFilter, page: { limit: number; offset: number }) {
  return all<Session>(
    db,
    `select ${COLUMNS} from ${TABLES}
     where ${SEEN} and ($3::timestamptz is null or lower(s.during) >= $3) and ($4::timestamptz is null or lower(s.during) < $4)
       and ($5::int is null or s.therapist_id = $5) and ($6::int is null or s.patient_id = $6)
     order by lower(s.during), s.id limit $7 offset $8`,
    [...visibleTo(account), filter.from, filter.to, filter.therapistId, filter.patientId, page.limit, page.offset],
  )
}

export const sessionFor = (db: Database, account: Account, id: number) =>
  one<Session>(db, `select ${COLUMNS} from ${TABLES} where ${SEEN} and s.id = $3`, [...visibleTo(account), id])

type Booking = NewSession & { therapistId: number }
const valuesOf = (b: Booking) => [b.therapistId, b.patientId, b.startsAt, b.minutes]
const DURING = `tstzrange($3::timestamptz, $3::timestamptz + $4 * interval '1 minute')`

/**
 * Undefined when the time is taken. The constraints decide, so two who ask at once cannot both get it.
 * `on conflict do nothing` waits its turn, where a bare insert would run into a deadlock with the others.
 */
export const insertSession = (db: Database, booking: Booking) =>
  one<{ id: number }>(
    db,
    `insert into sessions (therapist_id, patient_id, during, kind, note)
     values ($1, $2, ${DURING}, $5, $6) on conflict do nothing returning id`,
    [...valuesOf(booking), booking.kind, booking.note],
  )

export interface Clash {
  with: 'therapist' | 'patient'
  startsAt: Date
  endsAt: Date
}

/** Says when and whose, and not who else is coming: that is nobody's business. */
export const findClash = (db: Database, booking: Booking) =>
  one<Clash & { [column: string]: unknown }>(
    db,
    `select case when therapist_id = $1 then 'therapist' else 'patient' end as with,
       lower(during) as "startsAt", upper(during) as "endsAt"
     from sessions where state <> 'cancelled' and (therapist_id = $1 or patient_id = $2) and during && ${DURING}
     order by lower(during) limit 1`,
    valuesOf(booking),
  )

/** Only what is booked can change: what was held may be on an invoice, and what was cancelled may be taken again. */
export async function changeState(db: Database, id: number, state: SessionState): Promise<boolean> {
  const { rowCount } = await db.query(`update sessions set state = $2 where id = $1 and state = 'booked'`, [id, state])
  return rowCount === 1
}

/** Full hours of the clinic's day on which both have time. */
export async function freeSlots(db: Database, who: { therapistId: number; patientId: number }, day: string, timeZone: string) {
  const rows = await all<{ startsAt: Date }>(
    db,
    `select starts as "startsAt" from generate_series($3::date + time '08:00', $3::date + time '17:00', interval '1 hour') hour,
       lateral (select hour at time zone $4 as starts) slot
     where starts > now() and not exists (
       select 1 from sessions where state <> 'cancelled' and (therapist_id = $1 or patient_id = $2)
         and during && tstzrange(starts, starts + interval '50 minutes'))
     order by 1`,
    [who.therapistId, who.patientId, day, timeZone],
  )
  return rows.map((row) => row.startsAt)
}
