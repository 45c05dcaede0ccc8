import type { Database } from '../database/pool.ts'
import { draftInvoice, markPaid, markSent, markVoid } from '../invoices/store.ts'
import { type Kind, questionnaires } from '../screenings/questionnaire.ts'
import { scoreOf } from '../screenings/scoring.ts'
import { letters } from './names.ts'
import type { Treated } from './people.ts'

type Random = () => number
export interface Scene { random: Random; now: Date; timeZone: string }

const DAY = 24 * 60 * 60 * 1000
const WEEKS_BACK = 8
const WEEKS_AHEAD = 2
const HOURS = [9, 11, 14]

const daysFrom = (at: Date, days: number) => new Date(at.getTime() + days * DAY)
const dayOf = (at: Date) => at.toISOString().slice(0, 10)
const pick = <T>(random: Random, from: readonly T[]) => from[Math.floor(random() * from.length)]!

/** Everybody comes at a time of their own, every week or every other: so nobody meets anybody. */
export async function seedSessions(db: Database, patients: Treated[], { random, now, timeZone }: Scene): Promise<void> {
  const monday = daysFrom(now, -((now.getUTCDay() + 6) % 7))
  const rows = []
  for (const { id, therapistId, index } of patients) {
    const place = Math.floor(index / 8)
    for (let week = -WEEKS_BACK; week <= WEEKS_AHEAD; week++) {
      if (place % 2 === 1 && (week + WEEKS_BACK) % 2 === 1) continue
      const starts = `${dayOf(daysFrom(monday, week * 7 + (place % 5)))} ${HOURS[Math.floor(place / 5)]}:00`
      const kind = week === -WEEKS_BACK && index % 3 === 0 ? 'intake' : index % 5 === 0 ? 'video' : 'individual'
      rows.push({ patient_id: id, therapist_id: therapistId, starts, kind, past: pick(random, PAST_STATES) })
    }
  }
  await db.query(
    `insert into sessions (therapist_id, patient_id, during, kind, state)
     select therapist_id, patient_id, tstzrange(at, at + interval '50 minutes'), kind, case when at < $3 then past else 'booked' end
     from json_to_recordset($1) as s (patient_id int, therapist_id int, starts timestamp, kind text, past text),
       lateral (select starts at time zone $2 as at) local
     on conflict do nothing`,
    [JSON.stringify(rows), timeZone, now],
  )
}

const PAST_STATES = [...Array<string>(17).fill('held'), 'held', 'missed', 'cancelled']

export async function seedScreenings(db: Database, patients: Treated[], { random, now }: Scene): Promise<void> {
  const rows = []
  for (const { id, index } of patients) {
    const kinds: Kind[] = index % 2 === 0 ? ['phq9', 'gad7'] : ['phq9']
    for (const kind of kinds) {
      const burden = 0.9 + random() * 1.6
      for (const weeks of [8, 6, 4, 2]) {
        const answers = questionnaires[kind].questions.map((_, q) => answer(random, burden * (0.45 + weeks / 14), kind === 'phq9' && q === 8))
        const at = daysFrom(now, -weeks * 7 + (index % 5))
        rows.push({ patient_id: id, kind, due_on: dayOf(at), taken_at: at, answers, ...scoreOf(kind, answers) })
      }
      if (Math.floor(index / 8) % 4 === 0) rows.push({ patient_id: id, kind, due_on: dayOf(daysFrom(now, (index % 7) - 2)) })
    }
  }
  await db.query(
    `insert into screenings (patient_id, kind, due_on, taken_at, answers, score, band, flagged)
     select patient_id, kind, due_on, taken_at, answers, score, band, coalesce(flagged, false) from json_to_recordset($1) as s
       (patient_id int, kind text, due_on date, taken_at timestamptz, answers smallint[], score int, band text, flagged boolean)`,
    [JSON.stringify(rows)],
  )
}

function answer(random: Random, burden: number, rare: boolean): number {
  if (rare) return random() < 0.07 ? 1 : 0
  return Math.max(0, Math.min(3, Math.round(burden + random() * 1.6 - 0.8)))
}

/** Sent in the order of their dates, because so are the numbers. */
export async function seedInvoices(db: Database, patients: Treated[], { now, timeZone }: Scene): Promise<void> {
  const daysAgo = (p: Treated) => 40 - (p.index % 30)
  for (const patient of patients.toSorted((a, b) => daysAgo(b) - daysAgo(a))) {
    const clock = { at: daysFrom(now, -daysAgo(patient)), timeZone }
    const id = await draftInvoice(db, patient.id, clock)
    if (id === undefined) continue
    await markSent(db, id, clock)
    if (patient.index % 40 === 7) await markVoid(db, id)
    else if (patient.index % 5 !== 0) await markPaid(db, id)
    if (patient.index % 6 === 0) await draftInvoice(db, patient.id, { at: now, timeZone })
  }
  await db.query(
    `update invoices set created_at = sent_at, paid_at = case when paid_at is not null then least(now(), sent_at + interval '9 days') end
     where sent_at is not null`,
  )
}

export async function seedMessages(db: Database, patients: Treated[], { random, now }: Scene): Promise<void> {
  const rows = []
  for (const { id, therapistId, index } of patients.filter((p) => p.index % 2 === 0)) {
    const count = 3 + (index % 5)
    for (let i = 0; i < count; i++) {
      const fromPatient = i % 2 === 0
      const body = pick(random, fromPatient ? letters.patient : letters.therapist)
      const at = new Date(now.getTime() - (count - i) * 0.4 * DAY - index * 60_000)
      const unread = i === count - 1 && index % 3 === 0
      rows.push({ patient_id: id, author_id: fromPatient ? id : therapistId, body, sent_at: at, read_at: unread ? null : at })
    }
  }
  await db.query(
    `insert into messages (patient_id, author_id, body, sent_at, read_at)
     select * from json_to_recordset($1)
       as m (patient_id int, author_id int, body text, sent_at timestamptz, read_at timestamptz) order by sent_at`,
    [JSON.stringify(rows)],
  )
}
