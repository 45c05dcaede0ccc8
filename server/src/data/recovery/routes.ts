import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import type { Audit } from '../../reach/audit/audit.ts'
import type { Recovery } from './recovery.ts'
import { RecoveryRequest } from './wire.ts'

interface Ports {
  recovery: Recovery
  audit: Pick<Audit, 'write'>
  answer: Answer
}

export function recoveryRoutes(app: Routes, { recovery, audit, answer }: Ports): void {
  const admin = { permission: 'admin' } as const
  const done = z.object({ done: z.literal(true) })

  // It changes nothing, and is a POST all the same: it returns every key, so no page may call it with a plain GET.
  app.post(
    '/api/recovery/kit',
    { config: admin, schema: { response: { 200: z.object({ kit: z.string() }) } } },
    async request => {
      const detail = 'the recovery kit, with every key, was handed out'
      await audit.write({ actor: request.actor.name, action: 'kit', detail }, 'done')
      return { kit: await recovery.kit() }
    },
  )
  app.post('/api/recovery/kept', { config: admin, schema: { response: { 200: done } } }, async request => {
    const detail = 'said that the recovery kit is kept elsewhere'
    await audit.write({ actor: request.actor.name, action: 'kept', detail }, 'done')
    await recovery.kept()
    return { done: true as const }
  })
  app.post(
    '/api/apps/:app/recovery/database',
    {
      config: admin,
      schema: {
        params: z.object({ app: z.string() }),
        body: RecoveryRequest,
        response: { 200: ChangeAnswer },
      },
    },
    async request =>
      answer(request, request.body, await recovery.planDatabase(request.params.app, request.body.backup)),
  )
  app.post(
    '/api/recovery',
    {
      config: admin,
      schema: {
        body: z.object({ place: z.string(), plan: z.boolean().default(false) }),
        response: { 200: ChangeAnswer },
      },
    },
    async request => answer(request, request.body, await recovery.plan(request.body.place)),
  )
}
