import { Router } from 'express'
import { z } from 'zod'
import { accountOf, only } from '../accounts/login.ts'
import type { Pool } from '../database/pool.ts'
import { idOf, Page } from '../http/params.ts'
import { forbidden, Refusal } from '../http/refusal.ts'
import { NewPatient, PatientChange } from './patient.ts'
import { addPatient, changePatient, listPatients, patientFor } from './store.ts'

const Search = z.string().trim().max(100).default('')

export function patientRoutes(pool: Pool): Router {
  const routes = Router()
  routes.get('/', async (req, res) => {
    res.json(await listPatients(pool, accountOf(res), Search.parse(req.query.search), Page.parse(req.query)))
  })
  routes.post('/', only('admin', 'therapist'), async (req, res) => {
    const account = accountOf(res)
    const input = NewPatient.parse(req.body)
    const therapistId = input.therapistId ?? (account.role === 'therapist' ? account.id : undefined)
    if (therapistId === undefined) throw new Refusal(400, 'invalid_input', 'therapistId says who will treat the patient.')
    if (account.role === 'therapist' && therapistId !== account.id) throw forbidden('admin')
    const id = await addPatient(pool, { ...input, therapistId })
    res.status(201).json(await patientFor(pool, account, id))
  })
  routes.get('/:id', async (req, res) => {
    res.json(await patientFor(pool, accountOf(res), idOf(req)))
  })
  routes.patch('/:id', only('admin', 'therapist'), async (req, res) => {
    const account = accountOf(res)
    const change = PatientChange.parse(req.body)
    if (change.therapistId !== undefined && account.role !== 'admin') throw forbidden('admin')
    const { id } = await patientFor(pool, account, idOf(req))
    await changePatient(pool, id, change)
    res.json(await patientFor(pool, account, id))
  })
  return routes
}
