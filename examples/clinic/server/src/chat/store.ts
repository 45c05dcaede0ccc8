import type { Account } from '../accounts/account.ts'
import { all, type Database, inTransaction, one, type Pool } from '../database/pool.ts'
import type { Conversation, Message, NewMessage } from './message.ts'

export const CHANNEL = 'clinic_chat'

const COLUMNS = `id, patient_id as "patientId", author_id as "authorId", body, sent_at as "sentAt", read_at as "readAt"`

/** What other instances are told; they read the rest themselves, because a notification holds less than a message may. */
export type Notice = { message: number } | { read: { patientId: number; readerId: number } }

const notify = (db: Database, notice: Notice) =>
  db.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(notice)])

/** The notice is part of the transaction: nobody hears of a message that was not stored. */
export function addMessage(pool: Pool, authorId: number, { patientId, body }: NewMessage): Promise<Message> {
  return inTransaction(pool, async (db) => {
    const message = await one<Message & Record<string, unknown>>(
      db,
      `insert into messages (patient_id, author_id, body) values ($1, $2, $3) returning ${COLUMNS}`,
      [patientId, authorId, body],
    )
    await notify(db, { message: message!.id })
    return message!
  })
}

export function markRead(pool: Pool, readerId: number, patientId: number): Promise<number> {
  return inTransaction(pool, async (db) => {
    const { rowCount } = await db.query(
      'update messages set read_at = now() where patient_id = $1 and author_id <> $2 and read_at is null',
      [patientId, readerId],
    )
    if (rowCount) await notify(db, { read: { patientId, readerId } })
    return rowCount ?? 0
  })
}

/** With the two whom it concerns. */
export const messageById = (db: Database, id: number) =>
  one<Message & { therapistId: number }>(
    db,
    `select m.id, m.patient_id as "patientId", author_id as "authorId", body, sent_at as "sentAt", read_at as "readAt",
       p.therapist_id as "therapistId"
     from messages m join patients p on p.id = m.patient_id where m.id = $1`,
    [id],
  )

/** The newest fifty, or the fifty before one of them; the oldest first. */
export async function messagesOf(db: Database, patientId: number, before: number | undefined): Promise<Message[]> {
  const rows = await all<Message>(
    db,
    `select ${COLUMNS} from messages where patient_id = $1 and ($2::int is null or id < $2) order by id desc limit 50`,
    [patientId, before],
  )
  return rows.reverse()
}

export const conversationsOf = (db: Database, account: Account) =>
  all<Conversation>(
    db,
    `select p.id as "patientId", a.name as patient, t.id as "therapistId", t.name as therapist,
       last.body as "lastBody", last.sent_at as "lastAt", unread.count as unread
     from patients p join accounts a on a.id = p.id join accounts t on t.id = p.therapist_id
       left join lateral (select body, sent_at from messages where patient_id = p.id order by id desc limit 1) last on true,
       lateral (select count(*)::int from messages where patient_id = p.id and author_id <> $1 and read_at is null) unread
     where (p.id = $1 or p.therapist_id = $1) and a.active
     order by last.sent_at desc nulls last, a.name limit 500`,
    [account.id],
  )

export async function unreadCount(db: Database, account: Account): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    `select count(*)::int from messages m join patients p on p.id = m.patient_id
     where (p.id = $1 or p.therapist_id = $1) and author_id <> $1 and read_at is null`,
    [account.id],
  )
  return row!.count
}
