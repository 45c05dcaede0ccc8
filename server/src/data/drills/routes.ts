import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import type { Drills } from './drills.ts'
import { Drill, DrillRequest } from './wire.ts'

interface Ports {
  drills: Drills
  answer: Answer
}

export function drillRoutes(app: Routes, { drills, answer }: Ports): void {
  const viewer = { permission: 'viewer', sorts: true } as const

  app.get('/api/drills', { config: viewer, schema: { response: { 200: z.array(Drill) } } }, async request =>
    (await drills.list()).filter(one => request.permits(one.app)),
  )

  app.get(
    '/api/drills/:id',
    { config: viewer, schema: { params: z.object({ id: z.string() }), response: { 200: Drill } } },
    async request => {
      const found = await drills.show(request.params.id)
      request.demand(found.app)
      return found
    },
  )

  app.post(
    '/api/apps/:app/drill',
    {
      config: { permission: 'operator', verb: 'drill', proposal: true },
      schema: { params: z.object({ app: z.string() }), body: DrillRequest, response: { 200: ChangeAnswer } },
    },
    async request => answer(request, request.body, await drills.planNow(request.params.app, request.body)),
  )
}
