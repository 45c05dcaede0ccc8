import { z } from 'zod'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { eventStream } from '../../api/sse.ts'
import { Me } from '../../reach/people/wire.ts'
import { Status } from './wire.ts'

export function statusRoutes(app: Routes, ports: ApiPorts): void {
  app.get(
    '/api/me',
    { config: { permission: 'viewer' }, schema: { response: { 200: Me } } },
    async request => request.actor,
  )

  app.get(
    '/api/status',
    { config: { permission: 'viewer' }, schema: { response: { 200: Status } } },
    request => ports.status(request.actor),
  )

  app.get(
    '/api/health',
    {
      config: { permission: 'public' },
      schema: { response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) } },
    },
    async () => ({ status: 'ok' as const, version: ports.version }),
  )

  app.get(
    '/api/events',
    {
      config: { permission: 'viewer' },
      exposeHeadRoute: false,
      schema: { summary: 'Status and run events, as server-sent events' },
    },
    async (request, reply) => {
      const stream = eventStream(ports.people, request, reply)
      const off = ports.engine.on(event => {
        if (event.type === 'line') return stream.send(event)
        const row = ports.journal.read(event.run)
        if (row !== null) stream.send({ type: 'run', run: ports.view.run(row) })
      })
      stream.signal.addEventListener('abort', off)
      let last = ''
      while (!stream.signal.aborted) {
        const status = await ports.status(request.actor)
        const text = JSON.stringify(status.apps) + JSON.stringify(status.parts)
        if (text !== last) stream.send({ type: 'status', status })
        last = text
        await ports.clock.sleep(2_000)
      }
    },
  )
}
