import { z } from 'zod'
import type { Actor } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { type EventStreams, sending } from '../../api/sse.ts'
import { AppStatus } from '../../apps/app/wire.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Journal } from '../../engine/journal.ts'
import type { Step } from '../../engine/plan.ts'
import type { Views } from '../../engine/view.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Me } from '../../reach/people/wire.ts'
import { Status } from './wire.ts'

export interface StatusPorts {
  version: string
  clock: Clock
  engine: Pick<Engine<Step>, 'on'>
  journal: Pick<Journal, 'read'>
  view: Views
  /** The whole status, with what this person may do. */
  status(actor: Actor): Promise<Status>
  /** Failure `app.unknown`. */
  appStatus(actor: Actor, app: string): Promise<AppStatus>
  events: EventStreams
}

/** Whatever a token is for, it may see how its apps are. */
const seen = { permission: 'viewer', sorts: true, verb: 'any' } as const

export function statusRoutes(app: Routes, ports: StatusPorts): void {
  app.get(
    '/api/me',
    { config: { ...seen, beforeFactor: 'any' }, schema: { response: { 200: Me } } },
    async ({ actor: { name, email, role, apps, verbs, factor } }) => ({
      name,
      email,
      role,
      apps,
      verbs: verbs && [...verbs],
      factor,
    }),
  )

  app.get('/api/status', { config: seen, schema: { response: { 200: Status } } }, request =>
    ports.status(request.actor),
  )

  app.get(
    '/api/apps/:app',
    {
      config: { permission: 'viewer', verb: 'any' },
      schema: { params: z.object({ app: z.string() }), response: { 200: AppStatus } },
    },
    request => ports.appStatus(request.actor, request.params.app),
  )

  app.get(
    '/api/health',
    {
      config: { permission: 'public' },
      schema: { response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) } },
    },
    async () => ({ status: 'ok' as const, version: ports.version }),
  )
  eventRoute(app, ports)
}

function eventRoute(app: Routes, ports: StatusPorts): void {
  app.get(
    '/api/events',
    {
      config: { permission: 'viewer', sorts: true },
      exposeHeadRoute: false,
      schema: { summary: 'Status and run events, as server-sent events' },
    },
    async (request, reply) => {
      const stream = ports.events(request, reply)
      const off = ports.engine.on(event => {
        const row = ports.journal.read(event.run)
        if (row === null || !request.permits(row.plan.app)) return
        stream.send(event.type === 'line' ? event : { type: 'run', run: ports.view.run(row) })
      })
      stream.signal.addEventListener('abort', off)
      let last = ''
      await sending(stream, async () => {
        while (!stream.signal.aborted) {
          const status = await ports.status(request.actor)
          const text = JSON.stringify(status.apps) + JSON.stringify(status.parts)
          if (text !== last) stream.send({ type: 'status', status })
          last = text
          await ports.clock.sleep(2_000)
        }
      })
    },
  )
}
