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
  const viewer = { permission: 'viewer' } as const

  app.get('/api/drills', { config: viewer, schema: { response: { 200: z.array(Drill) } } }, () =>
    drills.list(),
  )

  app.get(
    '/api/drills/:id',
    { config: viewer, schema: { params: z.object({ id: z.string() }), response: { 200: Drill } } },
    request => drills.show(request.params.id),
  )

  app.post(
    '/api/apps/:app/drill',
    {
      config: { permission: 'operator' },
      schema: { params: z.object({ app: z.string() }), body: DrillRequest, response: { 200: ChangeAnswer } },
    },
    async request => answer(request, request.body, await drills.planNow(request.params.app, request.body)),
  )
}
