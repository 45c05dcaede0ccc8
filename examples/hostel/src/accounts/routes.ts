import { Router } from 'express'
import type { Deps } from '../app.ts'
import { Refusal } from '../http/refusal.ts'
import { LogIn, type User } from './account.ts'
import { passwordMatches } from './password.ts'

const publicUser = ({ id, email, name }: User) => ({ id, email, name })
// Checked when there is no such account, so that the time to answer does not tell which addresses exist.
const NOBODY = `${'00'.repeat(16)}:${'00'.repeat(64)}`

export function sessionRoutes({ storage, sessions }: Deps): Router {
  const routes = Router()
  routes.post('/', async (req, res) => {
    const { email, password } = LogIn.parse(req.body)
    const user = await storage.accounts.byEmail(email)
    const matches = await passwordMatches(password, user?.passwordHash ?? NOBODY)
    if (!user || !matches) throw new Refusal(401, 'wrong_log_in', 'The e-mail address or the password is wrong.')
    await sessions.open(req, res, user)
    res.status(201).json(publicUser(user))
  })
  routes.get('/', sessions.required, (_req, res) => {
    res.json(publicUser(res.locals.user as User))
  })
  routes.delete('/', async (req, res) => {
    await sessions.close(req, res)
    res.status(204).end()
  })
  return routes
}
