import { z } from 'zod'
import { begin } from '../../api/begin.ts'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { Drill, DrillRequest } from './wire.ts'

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
