import { Router } from 'express'
import { accountOf, only } from '../accounts/login.ts'
import type { Pool } from '../database/pool.ts'
import { idOf } from '../http/params.ts'
import { patientFor } from '../patients/store.ts'
import { Before, NewMessage } from './message.ts'
import { addMessage, conversationsOf, markRead, messagesOf } from './store.ts'

/** The same as over the socket, for those who have none. */
export function chatRoutes(pool: Pool): Router {
  const routes = Router()
  routes.use(only('therapist', 'patient'))
  routes.get('/', async (_req, res) => {
    res.json(await conversationsOf(pool, accountOf(res)))
  })
  routes.get('/:id/messages', async (req, res) => {
    const patient = await patientFor(pool, accountOf(res), idOf(req))
    res.json(await messagesOf(pool, patient.id, Before.parse(req.query).before))
  })
  routes.post('/:id/messages', async (req, res) => {
    const account = accountOf(res)
    const message = NewMessage.parse({ ...req.body, patientId: idOf(req) })
    await patientFor(pool, account, message.patientId)
    res.status(201).json(await addMessage(pool, account.id, message))
  })
  routes.post('/:id/read', async (req, res) => {
    const account = accountOf(res)
    const patient = await patientFor(pool, account, idOf(req))
    res.json({ read: await markRead(pool, account.id, patient.id) })
  })
  return routes
}
