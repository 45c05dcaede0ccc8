import { Router } from 'express'
import { z } from 'zod'
import type { Database } from '../database/pool.ts'
import { Refusal } from '../http/refusal.ts'
import { accountOf, type LogIns } from './login.ts'
import { hashPassword, passwordMatches } from './password.ts'
import { accountForLogIn } from './store.ts'

const LogIn = z.strictObject({ email: z.email().max(200), password: z.string().min(1).max(200) })

// Checked when there is no such account, so that the time of the answer does not tell who is a patient here.
const nobody = hashPassword('nobody has this one')

export function accountRoutes(db: Database, logIns: LogIns): Router {
  const routes = Router()
  routes.post('/log-in', async (req, res) => {
    const { email, password } = LogIn.parse(req.body)
    const found = await accountForLogIn(db, email)
    const matches = await passwordMatches(password, found?.passwordHash ?? (await nobody))
    if (!found?.passwordHash || !matches) throw new Refusal(401, 'wrong_log_in', 'This address and password do not match.')
    const { passwordHash: _, ...account } = found
    logIns.open(req, res, account)
    res.json(account)
  })
  routes.delete('/log-in', (req, res) => {
    logIns.close(req, res)
    res.status(204).end()
  })
  routes.get('/me', logIns.required, (_req, res) => {
    res.json(accountOf(res))
  })
  return routes
}
