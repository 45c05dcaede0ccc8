import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import type { Pool } from '../database/pool.ts'
import { NUMBER } from '../invoices/store.ts'
import type { ExportKind, NewExport } from './export.ts'

interface Span { from: string; to: string; zone: string }

const localTime = (moment: string, zone: string) => `to_char(${moment} at time zone ${zone}, 'YYYY-MM-DD HH24:MI')`

/** COPY takes no parameters, so these are quoted into the text. */
const queries: Record<ExportKind, (span: Span) => string> = {
  sessions: ({ from, to, zone }) => `
    select s.id, ${localTime('lower(s.during)', zone)} as starts, ${localTime('upper(s.during)', zone)} as ends,
      t.name as therapist, a.name as patient, s.kind, s.state, ${NUMBER} as invoice
    from sessions s join accounts t on t.id = s.therapist_id join accounts a on a.id = s.patient_id
      left join invoices i on i.id = s.invoice_id
    where lower(s.during) >= ${from}::date::timestamp at time zone ${zone}
      and lower(s.during) < (${to}::date + 1)::timestamp at time zone ${zone}
    order by lower(s.during), s.id`,
  invoices: ({ from, to, zone }) => `
    select ${NUMBER} as number, a.name as patient, i.state, round(i.amount_cents / 100.0, 2) as amount,
      ${localTime('i.sent_at', zone)} as sent, i.due_on as due, ${localTime('i.paid_at', zone)} as paid
    from invoices i join accounts a on a.id = i.patient_id
    where i.state <> 'draft' and (i.sent_at at time zone ${zone})::date between ${from} and ${to}
    order by i.year, i.number`,
}

/** Streams from the database to the disk, however much it is. The name appears once the file is whole. */
export async function writeCsv(pool: Pool, wanted: NewExport, to: { folder: string; file: string; timeZone: string }) {
  await mkdir(to.folder, { recursive: true })
  const whole = join(to.folder, to.file)
  const part = `${whole}.part`
  const quote = pg.escapeLiteral
  const select = queries[wanted.kind]({ from: quote(wanted.fromDay), to: quote(wanted.toDay), zone: quote(to.timeZone) })
  const client = await pool.connect()
  try {
    const copy = client.query(copyStreams.to(`copy (${select}) to stdout with (format csv, header)`))
    await pipeline(copy, createWriteStream(part, { mode: 0o640 }))
    await rename(part, whole)
    return copy.rowCount
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    client.release()
  }
}
