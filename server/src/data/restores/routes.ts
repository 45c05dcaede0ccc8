import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'
import type { Restores } from './restores.ts'
import { PutAside, RestoreRequest } from './wire.ts'

const ByApp = z.object({ app: z.string() })

interface Ports {
  restores: Restores
  answer: Answer
}

export function restoreRoutes(app: Routes, { restores, answer }: Ports): void {
  const admin = { permission: 'admin' } as const
  const schema = <B extends z.ZodType>(body: B) => ({ params: ByApp, body, response: { 200: ChangeAnswer } })

  app.get(
    '/api/restores',
    {
      config: { permission: 'viewer', sorts: true, verb: 'any' },
      schema: { response: { 200: z.array(PutAside) } },
    },
    async request =>
      (await restores.asides())
        .filter(one => request.permits(one.app))
        .map(({ app: name, of, at, moment, aside, bytes }) => ({
          ...{ app: name, of, moment, aside, bytes },
          at: new Date(at).toISOString(),
        })),
  )
  app.post(
    '/api/apps/:app/restore',
    { config: { ...admin, proposal: true }, schema: schema(RestoreRequest) },
    async request =>
      answer(request, request.body, await restores.planRestore(request.params.app, request.body)),
  )
  app.post('/api/apps/:app/restore/undo', { config: admin, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await restores.planUndo(request.params.app)),
  )
  app.post('/api/apps/:app/restore/discard', { config: admin, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await restores.planDiscard(request.params.app)),
  )
}
