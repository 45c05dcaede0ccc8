import { type Request, type Response, Router } from 'express'
import { accountOf, only } from '../accounts/login.ts'
import { type Database, inTransaction, type Pool } from '../database/pool.ts'
import { idOf, Page } from '../http/params.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { patientFor } from '../patients/store.ts'
import { type Invoice, InvoiceFilter, type InvoiceState, NewInvoice } from './invoice.ts'
import { discardDraft, draftInvoice, invoiceFor, linesOf, listInvoices, lockInvoice, markPaid, markSent, markVoid } from './store.ts'

export function invoiceRoutes(pool: Pool, timeZone: string): Router {
  const routes = Router()
  const staff = only('admin', 'therapist')
  const step = steps(pool)
  const now = () => ({ at: new Date(), timeZone })
  routes.get('/', async (req, res) => {
    res.json(await listInvoices(pool, accountOf(res), InvoiceFilter.parse(req.query), Page.parse(req.query)))
  })
  routes.get('/:id', async (req, res) => {
    const invoice = await visible(pool, req, res)
    res.json({ ...invoice, lines: await linesOf(pool, invoice.id) })
  })
  routes.post('/', staff, async (req, res) => {
    const patient = await patientFor(pool, accountOf(res), NewInvoice.parse(req.body).patientId)
    const id = await inTransaction(pool, async (db) => {
      const drafted = await draftInvoice(db, patient.id, now())
      if (!drafted) throw new Refusal(409, 'nothing_to_bill', 'Every session that was held is on an invoice already.')
      return drafted
    })
    res.status(201).json(await invoiceFor(pool, accountOf(res), id))
  })
  routes.post('/:id/send', staff, step(['draft'], (db, id) => markSent(db, id, now())))
  routes.post('/:id/pay', staff, step(['sent'], markPaid))
  routes.post('/:id/void', staff, step(['sent', 'paid'], markVoid))
  routes.delete('/:id', staff, step(['draft'], discardDraft))
  return routes
}

/** A step from one of the states to the next; of two at once the second finds the state changed. */
function steps(pool: Pool) {
  return (from: InvoiceState[], take: (db: Database, id: number) => Promise<unknown>) =>
    async (req: Request, res: Response): Promise<void> => {
      const { id } = await visible(pool, req, res)
      await inTransaction(pool, async (db) => {
        const now = await lockInvoice(db, id)
        if (!now) throw notFound('invoice')
        if (!from.includes(now.state)) {
          throw new Refusal(409, 'wrong_state', `This invoice is ${now.state}; it would have to be ${from.join(' or ')}.`)
        }
        await take(db, id)
      })
      const after = await invoiceFor(pool, accountOf(res), id)
      if (after) res.json(after)
      else res.status(204).end()
    }
}

async function visible(db: Database, req: Request, res: Response): Promise<Invoice> {
  const invoice = await invoiceFor(db, accountOf(res), idOf(req))
  if (!invoice) throw notFound('invoice')
  return invoice
}
