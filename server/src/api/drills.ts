import { z } from 'zod'
import { ChangeAnswer } from '../../../contract/change.ts'
import { Drill, DrillRequest } from '../../../contract/drill.ts'
import { begin } from './begin.ts'
import type { ApiPorts } from './ports.ts'
import type { Routes } from './routes.ts'

export function drillRoutes(app: Routes, ports: ApiPorts): void {
  const { drills } = ports
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
    async request =>
      begin(ports, request, request.body, await drills.planNow(request.params.app, request.body)),
  )
}
