import { z } from 'zod'
import { begin } from '../../api/begin.ts'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'

export function recoveryRoutes(app: Routes, ports: ApiPorts): void {
  const { recovery } = ports
  const admin = { permission: 'admin' } as const
  const done = z.object({ done: z.literal(true) })

  // A change of nothing, and yet not a read that a page may begin by itself: it hands out every key.
  app.post(
    '/api/recovery/kit',
    { config: admin, schema: { response: { 200: z.object({ kit: z.string() }) } } },
    async request => {
      const detail = 'the recovery kit, with every key, was handed out'
      await ports.audit.write(
        { actor: request.actor.name, action: 'kit', app: null, run: null, detail },
        'done',
      )
      return { kit: await recovery.kit() }
    },
  )
  app.post('/api/recovery/kept', { config: admin, schema: { response: { 200: done } } }, async request => {
    const detail = 'said that the recovery kit is kept elsewhere'
    await ports.audit.write(
      { actor: request.actor.name, action: 'kept', app: null, run: null, detail },
      'done',
    )
    await recovery.kept()
    return { done: true as const }
  })
  app.post(
    '/api/recovery/database',
    { config: admin, schema: { body: PlainRequest, response: { 200: ChangeAnswer } } },
    async request => begin(ports, request, request.body, await recovery.planDatabase()),
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
    async request => begin(ports, request, request.body, await recovery.plan(request.body.place)),
  )
}
