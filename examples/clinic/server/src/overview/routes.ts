import { Router } from 'express'
import { z } from 'zod'
import type { Account } from '../accounts/account.ts'
import { accountOf, only } from '../accounts/login.ts'
import { unreadCount } from '../chat/store.ts'
import { type Database, one } from '../database/pool.ts'
import { Id, Moment } from '../http/params.ts'
import { flaggedScreenings, openScreenings } from '../screenings/store.ts'
import { listSessions } from '../sessions/store.ts'

const Span = z.object({ from: Moment, to: Moment, therapistId: Id.optional() })
const A_WEEK_AT_MOST = { limit: 500, offset: 0 }

interface Figures { toBill: number; openInvoices: number; openCents: number }

/** What is on a therapist's desk. The office sees the calendar and the money of the one it chooses. */
export function overviewRoutes(db: Database): Router {
  const routes = Router()
  routes.get('/', only('therapist', 'admin'), async (req, res) => {
    const account = accountOf(res)
    const { from, to, therapistId } = Span.parse(req.query)
    const of = account.role === 'therapist' ? account.id : therapistId
    const [sessions, unread, screeningsDue, flagged, figures] = await Promise.all([
      listSessions(db, account, { from, to, therapistId: of }, A_WEEK_AT_MOST),
      unreadCount(db, account),
      openScreenings(db, account),
      account.role === 'therapist' ? flaggedScreenings(db, account.id) : [],
      figuresOf(db, account, of),
    ])
    res.json({ sessions, unread, screeningsDue, flagged, ...figures })
  })
  return routes
}

async function figuresOf(db: Database, account: Account, therapistId: number | undefined): Promise<Figures> {
  const row = await one<Figures & Record<string, unknown>>(
    db,
    `select (select count(*)::int from sessions where state = 'held' and invoice_id is null and therapist_id = $1) as "toBill",
       count(*)::int as "openInvoices", coalesce(sum(amount_cents), 0)::int as "openCents"
     from invoices join patients p on p.id = patient_id where invoices.state = 'sent' and ($2 or p.therapist_id = $1)`,
    [therapistId, account.role === 'admin' && therapistId === undefined],
  )
  return row!
}
