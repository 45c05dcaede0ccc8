import { z } from 'zod'
import { mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Checkins } from './checkins.ts'
import { callOf } from './rule.ts'
import { viewOf } from './view.ts'
import { CheckinView } from './wire.ts'

export interface CheckinRoutePorts {
  checkins: Checkins
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

export function checkinRoutes(app: Routes, { checkins, knownApp }: CheckinRoutePorts): void {
  callRoute(app, checkins, '/checkin/:token')
  callRoute(app, checkins, '/checkin/:token/:said')
  app.get(
    '/api/checkins',
    {
      config: { permission: 'viewer', sorts: true },
      schema: {
        summary: 'Every job that must call an address, and what it said last',
        querystring: z.object({ app: z.string().optional() }),
        response: { 200: z.array(CheckinView) },
      },
    },
    async request => {
      const { app: name } = request.query
      if (name !== undefined) request.demand(name)
      if (name !== undefined) await knownApp(name)
      return (await checkins.list(name ?? null))
        .filter(one => request.permits(one.app))
        .map(one => viewOf(one, mayIn(request.actor, 'operator', one.app)))
    },
  )
}

/** Its token is who may call. It is answered before a body is read: whatever a job sends along is nobody's. */
function callRoute(app: Routes, checkins: Checkins, url: string): void {
  app.route({
    method: ['GET', 'POST'],
    url,
    config: { permission: 'public' },
    schema: { summary: 'A job says that it began, or how it ended' },
    async onRequest(request, reply) {
      const { token, said } = request.params as { token: string; said?: string }
      const call = callOf(said)
      if (call === null) throw unknownWord(said!)
      await checkins.call(token, call)
      return reply.header('connection', 'close').type('text/plain').send('ok\n')
    },
    handler: async () => {},
  })
}

const unknownWord = (said: string): Failure =>
  new Failure('checkin.said', `a job cannot say ${said.slice(0, 40)}`, {
    why: 'behind its address stands nothing, start, fail, or an exit status from 0 to 255',
    fix: 'correct the address that it calls',
  })
