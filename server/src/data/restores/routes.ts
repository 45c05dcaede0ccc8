import { z } from 'zod'
import { begin } from '../../api/begin.ts'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'
import { KeptRestore, RestoreRequest } from './wire.ts'

const ByApp = z.object({ app: z.string() })

export function restoreRoutes(app: Routes, ports: ApiPorts): void {
  const { restores } = ports
  const admin = { permission: 'admin' } as const
  const schema = <B extends z.ZodType>(body: B) => ({ params: ByApp, body, response: { 200: ChangeAnswer } })

  app.get(
    '/api/restores',
    { config: { permission: 'viewer' }, schema: { response: { 200: z.array(KeptRestore) } } },
    async () =>
      (await restores.kept()).map(({ app: name, at, names, record }) => ({
        app: name,
        at: new Date(at).toISOString(),
        moment: record.says,
        aside: names.aside,
      })),
  )
  app.post('/api/apps/:app/restore', { config: admin, schema: schema(RestoreRequest) }, async request =>
    begin(ports, request, request.body, await restores.planRestore(request.params.app, request.body)),
  )
  app.post('/api/apps/:app/restore/undo', { config: admin, schema: schema(PlainRequest) }, async request =>
    begin(ports, request, request.body, await restores.planUndo(request.params.app)),
  )
  app.post('/api/apps/:app/restore/discard', { config: admin, schema: schema(PlainRequest) }, async request =>
    begin(ports, request, request.body, await restores.planDiscard(request.params.app)),
  )
}
