import { Router } from 'express'
import { z } from 'zod'
import { accountOf, only } from '../accounts/login.ts'
import type { Database } from '../database/pool.ts'
import { Day, idOf } from '../http/params.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { patientFor } from '../patients/store.ts'
import { frequencies, kinds, questionnaires } from './questionnaire.ts'
import { AnswersError, type Result, scoreOf } from './scoring.ts'
import { askFor, openScreenings, saveAnswers, screeningFor, screeningsOf } from './store.ts'

const Ask = z.strictObject({ kind: z.enum(kinds), dueOn: Day })
const Answers = z.strictObject({ answers: z.array(z.number().int().min(0).max(3)).max(20) })

/** Who runs the office keeps the calendar and the money, and does not read these. */
export function screeningRoutes(db: Database): Router {
  const routes = Router()
  routes.get('/questionnaires', (_req, res) => {
    res.json({ questionnaires, frequencies })
  })
  routes.get('/patients/:id/screenings', only('therapist', 'patient'), async (req, res) => {
    const patient = await patientFor(db, accountOf(res), idOf(req))
    res.json(await screeningsOf(db, patient.id))
  })
  routes.post('/patients/:id/screenings', only('therapist'), async (req, res) => {
    const { kind, dueOn } = Ask.parse(req.body)
    const patient = await patientFor(db, accountOf(res), idOf(req))
    const asked = await askFor(db, patient.id, kind, dueOn)
    if (!asked) throw new Refusal(409, 'still_open', 'The patient has not answered the last one of these yet.')
    res.status(201).json(await screeningFor(db, accountOf(res), asked.id))
  })
  routes.get('/screenings/open', async (_req, res) => {
    res.json(await openScreenings(db, accountOf(res)))
  })
  routes.get('/screenings/:id', async (req, res) => {
    const screening = await screeningFor(db, accountOf(res), idOf(req))
    if (!screening) throw notFound('screening')
    res.json(screening)
  })
  routes.post('/screenings/:id/answers', async (req, res) => {
    const { answers } = Answers.parse(req.body)
    const screening = await screeningFor(db, accountOf(res), idOf(req))
    if (!screening) throw notFound('screening')
    const saved = await saveAnswers(db, screening.id, answers, scored(screening.kind, answers))
    if (!saved) throw new Refusal(409, 'already_answered', 'This has been answered already.')
    res.json(await screeningFor(db, accountOf(res), screening.id))
  })
  return routes
}

function scored(...given: Parameters<typeof scoreOf>): Result {
  try {
    return scoreOf(...given)
  } catch (error) {
    if (error instanceof AnswersError) throw new Refusal(400, 'invalid_input', error.message)
    throw error
  }
}
