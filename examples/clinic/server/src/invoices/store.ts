import type { Account } from '../accounts/account.ts'
import { all, type Database, one } from '../database/pool.ts'
import { VISIBLE, visibleTo } from '../patients/store.ts'
import type { Invoice, InvoiceLine, InvoiceState } from './invoice.ts'

export const NUMBER = `i.year || '-' || lpad(i.number::text, 4, '0')`
const COLUMNS = `i.id, i.patient_id as "patientId", a.name as patient, i.state, ${NUMBER} as number,
  i.amount_cents as "amountCents", i.created_at as "createdAt", i.sent_at as "sentAt", i.due_on as "dueOn",
  i.paid_at as "paidAt", i.voided_at as "voidedAt"`
const TABLES = 'invoices i join patients p on p.id = i.patient_id join accounts a on a.id = p.id'
const SEEN = `${VISIBLE} and ($1 <> 'patient' or i.state <> 'draft')`

/** The moment of an act, and where the clinic stands: the year of a number is that of its wall calendar. */
export interface Clock { at: Date; timeZone: string }

interface Filter { state?: InvoiceState | undefined; patientId?: number | undefined }

export const listInvoices = (db: Database, account: Account, filter: Filter, page: { limit: number; offset: number }) =>
  all<Invoice>(
    db,
    `select ${COLUMNS} from ${TABLES}
     where ${SEEN} and ($3::text is null or i.state = $3) and ($4::int is null or i.patient_id = $4)
     order by coalesce(i.sent_at, i.created_at) desc, i.id desc limit $5 offset $6`,
    [...visibleTo(account), filter.state, filter.patientId, page.limit, page.offset],
  )

export const invoiceFor = (db: Database, account: Account, id: number) =>
  one<Invoice>(db, `select ${COLUMNS} from ${TABLES} where ${SEEN} and i.id = $3`, [...visibleTo(account), id])

export const linesOf = (db: Database, id: number) =>
  all<InvoiceLine>(
    db,
    `select held_on as "heldOn", description, amount_cents as "amountCents" from invoice_lines
     where invoice_id = $1 order by position`,
    [id],
  )

/** Puts everything that was held and is on no invoice yet on a new one. Undefined when there is nothing. */
export async function draftInvoice(db: Database, patientId: number, { at, timeZone }: Clock): Promise<number | undefined> {
  const invoice = await one<{ id: number }>(db, 'insert into invoices (patient_id) values ($1) returning id', [patientId])
  const id = invoice!.id
  // The update takes each session for this invoice alone, whoever else makes one at the same moment.
  const { rowCount } = await db.query(
    `update sessions set invoice_id = $1 where patient_id = $2 and state = 'held' and invoice_id is null
       and lower(during) <= $3`,
    [id, patientId, at],
  )
  if (!rowCount) return undefined
  await db.query(
    `insert into invoice_lines (invoice_id, position, held_on, description, amount_cents)
     select $1, row_number() over (order by during), (lower(during) at time zone $2)::date,
       initcap(kind) || ' session, ' || (extract(epoch from upper(during) - lower(during)) / 60)::int || ' minutes, ' || name, fee_cents
     from sessions join therapists t on t.id = therapist_id join accounts on accounts.id = t.id where invoice_id = $1`,
    [id, timeZone],
  )
  await db.query(
    'update invoices set amount_cents = (select sum(amount_cents) from invoice_lines where invoice_id = $1) where id = $1',
    [id],
  )
  return id
}

/**
 * Gives the next number of the year. To be called within a transaction: until its end nobody else gets a number, and
 * when it fails the number is free again. So there is no gap, at the price of one after the other.
 */
export async function nextNumber(db: Database, { at, timeZone }: Clock): Promise<{ year: number; number: number }> {
  const row = await one<{ year: number; number: number }>(
    db,
    `insert into invoice_years as y (year, last_number) values (extract(year from $1::timestamptz at time zone $2), 1)
     on conflict (year) do update set last_number = y.last_number + 1 returning year, last_number as number`,
    [at, timeZone],
  )
  return row!
}

/** Holds the invoice until the end of the transaction, and says in which state it is. */
export const lockInvoice = (db: Database, id: number) =>
  one<{ state: InvoiceState }>(db, 'select state from invoices where id = $1 for update', [id])

export async function markSent(db: Database, id: number, clock: Clock) {
  const { year, number } = await nextNumber(db, clock)
  await db.query(
    `update invoices set state = 'sent', year = $2, number = $3, sent_at = $4, due_on = ($4::timestamptz at time zone $5)::date + 14
     where id = $1`,
    [id, year, number, clock.at, clock.timeZone],
  )
}

export const markPaid = (db: Database, id: number) =>
  db.query(`update invoices set state = 'paid', paid_at = now() where id = $1`, [id])

/** The number stays used; the sessions may go on another invoice. */
export async function markVoid(db: Database, id: number) {
  await db.query(`update invoices set state = 'void', voided_at = now() where id = $1`, [id])
  await db.query('update sessions set invoice_id = null where invoice_id = $1', [id])
}

export const discardDraft = (db: Database, id: number) => db.query('delete from invoices where id = $1', [id])
