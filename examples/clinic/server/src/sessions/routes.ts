import { Router } from 'express'
import type { Account } from '../accounts/account.ts'
import { accountOf } from '../accounts/login.ts'
import type { Database } from '../database/pool.ts'
import { idOf, Page } from '../http/params.ts'
import { forbidden, notFound, Refusal } from '../http/refusal.ts'
import { patientFor, requireTherapist } from '../patients/store.ts'
import { FreeSlots, NewSession, type Session, SessionChange, SessionFilter } from './session.ts'
import { changeState, findClash, freeSlots, insertSession, listSessions, sessionFor } from './store.ts'

export function sessionRoutes(db: Database, timeZone: string): Router {
  const routes = Router()
  routes.get('/', async (req, res) => {
    res.json(await listSessions(db, accountOf(res), SessionFilter.parse(req.query), Page.parse(req.query)))
  })
  routes.get('/free', async (req, res) => {
    const { patientId, day } = FreeSlots.parse(req.query)
    const patient = await patientFor(db, accountOf(res), patientId)
    const slots = await freeSlots(db, { therapistId: patient.therapistId, patientId }, day, timeZone)
    res.json({ therapist: patient.therapist, slots })
  })
  routes.post('/', async (req, res) => {
    res.status(201).json(await book(db, accountOf(res), NewSession.parse(req.body)))
  })
  routes.patch('/:id', async (req, res) => {
    const { state } = SessionChange.parse(req.body)
    const account = accountOf(res)
    const session = await sessionFor(db, account, idOf(req))
    if (!session) throw notFound('session')
    allowChange(account, session, state)
    if (!(await changeState(db, session.id, state))) throw settled(session)
    res.json(await sessionFor(db, account, session.id))
  })
  return routes
}

async function book(db: Database, account: Account, input: NewSession): Promise<Session> {
  const patient = await patientFor(db, account, input.patientId)
  const therapistId = input.therapistId ?? patient.therapistId
  if (therapistId !== patient.therapistId) {
    if (account.role === 'patient') throw forbidden('admin and therapist')
    await requireTherapist(db, therapistId)
  }
  if (account.role === 'patient' && input.startsAt.getTime() < Date.now()) {
    throw new Refusal(400, 'in_the_past', 'Choose a time that is still to come.')
  }
  const booking = { ...input, therapistId }
  const booked = await insertSession(db, booking)
  if (!booked) throw taken(await findClash(db, booking))
  return (await sessionFor(db, account, booked.id))!
}

/** The other one may be cancelled between the two questions: then it is worth asking again. */
function taken(clash: Awaited<ReturnType<typeof findClash>>): Refusal {
  const whose = clash?.with === 'patient' ? 'The patient has another session' : 'The therapist has another session'
  const message = clash ? `${whose} at this time.` : 'Somebody was faster and cancelled again. Try once more.'
  return new Refusal(409, 'double_booking', message, { clash: clash ?? null })
}

const settled = (session: Session) =>
  new Refusal(409, 'settled', `This session is ${session.state} and stays so. Book another one.`)

function allowChange(account: Account, session: Session, state: string) {
  const begun = session.startsAt.getTime() <= Date.now()
  if (state !== 'cancelled' && account.role === 'patient') throw forbidden('admin and therapist')
  if (state !== 'cancelled' && !begun) throw new Refusal(409, 'not_yet', 'This session has not begun.')
  if (state === 'cancelled' && begun && account.role === 'patient') {
    throw new Refusal(409, 'too_late', 'This session has begun and cannot be cancelled any more.')
  }
}
