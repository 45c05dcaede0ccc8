import { Router } from 'express'
import type { Deps } from '../app.ts'
import { limitOf } from '../http/params.ts'
import { ExpenseInput, PaymentInput } from './money.ts'

export function moneyRoutes({ storage, letters }: Deps): Router {
  const routes = Router()
  routes.get('/payments', async (req, res) => {
    res.json(await storage.ledger.payments(limitOf(req)))
  })
  routes.post('/payments', async (req, res) => {
    const [payment] = await storage.ledger.addPayments([{ ...PaymentInput.parse(req.body), paidAt: new Date() }])
    const guest = payment?.guestId ? await storage.guests.get(payment.guestId) : undefined
    if (payment && guest) letters.paid(guest, payment, await storage.settings.read())
    res.status(201).json(payment)
  })
  routes.get('/expenses', async (req, res) => {
    res.json(await storage.ledger.expenses(limitOf(req)))
  })
  routes.post('/expenses', async (req, res) => {
    const [expense] = await storage.ledger.addExpenses([{ ...ExpenseInput.parse(req.body), spentAt: new Date() }])
    res.status(201).json(expense)
  })
  routes.get('/months', async (_req, res) => {
    res.json(await storage.ledger.months(elevenMonthsBefore(new Date())))
  })
  return routes
}

const elevenMonthsBefore = (now: Date) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11, 1))
