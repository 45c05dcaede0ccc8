import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'
import type { LentCopies } from './copies.ts'
import { CopyRequest, CopyView } from './wire.ts'

interface Ports {
  copies: LentCopies
  answer: Answer
}

/** Routes of copies to look at. Their addresses contain passwords, so only admins may call them. */
export function copyRoutes(app: Routes, { copies, answer }: Ports): void {
  const admin = { permission: 'admin' } as const
  const sorted = { ...admin, sorts: true } as const
  const ByName = z.object({ name: z.string().max(64) })

  app.get(
    '/api/copies',
    { config: sorted, schema: { response: { 200: z.array(CopyView) } } },
    async request => (await copies.list()).filter(one => request.permits(one.app)),
  )
  app.get(
    '/api/copies/:name',
    { config: sorted, schema: { params: ByName, response: { 200: CopyView } } },
    async request => {
      const found = await copies.show(request.params.name)
      request.demand(found.app)
      return found
    },
  )
  app.post(
    '/api/apps/:app/copies',
    {
      config: admin,
      schema: { params: z.object({ app: z.string() }), body: CopyRequest, response: { 200: ChangeAnswer } },
    },
    async request => answer(request, request.body, await copies.plan(request.params.app, request.body)),
  )
  app.post(
    '/api/copies/:name/remove',
    { config: sorted, schema: { params: ByName, body: PlainRequest, response: { 200: ChangeAnswer } } },
    async request => {
      const plan = await copies.planRemove(request.params.name)
      request.demand(plan.app)
      return answer(request, request.body, plan)
    },
  )
}
