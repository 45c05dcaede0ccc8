import { Router } from 'express'
import type { Deps } from '../app.ts'
import { idOf } from '../http/params.ts'
import { CapsuleChange, ProblemReport } from './capsule.ts'

export function capsuleRoutes({ storage }: Deps): Router {
  const routes = Router()
  routes.get('/capsules', async (_req, res) => {
    res.json(await storage.capsules.berths())
  })
  routes.put('/capsules/:number', async (req, res) => {
    const { clean } = CapsuleChange.parse(req.body)
    await storage.capsules.setClean(req.params.number, clean)
    storage.changes.announce()
    res.status(204).end()
  })
  routes.post('/capsules/:number/problems', async (req, res) => {
    const { description } = ProblemReport.parse(req.body)
    const problem = await storage.capsules.report(req.params.number, description)
    storage.changes.announce()
    res.status(201).json(problem)
  })
  routes.delete('/problems/:id', async (req, res) => {
    await storage.capsules.resolve(idOf(req), new Date())
    storage.changes.announce()
    res.status(204).end()
  })
  return routes
}
