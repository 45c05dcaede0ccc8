import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { PRODUCTION, parseApp, sharedByPreviews } from '../../config/app-key.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Messages } from '../messages/messages.ts'
import { unknownGrant, unknownSuppressed } from './failures.ts'
import { look, previewOf } from './look.ts'
import type { Outbox } from './outbox.ts'
import { viewOf } from './view.ts'
import {
  Grant,
  GrantRequest,
  OutboxMessage,
  OutboxView,
  Preview,
  PreviewRequest,
  Suppressed,
  TemplateView,
} from './wire.ts'

export interface OutboxRoutePorts {
  outbox: Outbox
  messages: Pick<Messages, 'known'>
  clock: Pick<Clock, 'now'>
  audit: { write(row: { actor: string; action: string; app?: string; detail: string }): Promise<unknown> }
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

const OfApp = z.object({ app: z.string() })
const Limit = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) })
const Done = z.object({ done: z.literal(true) })
const viewer = { permission: 'viewer' } as const
const admin = { permission: 'admin' } as const

/** Whom a message is for is personal: an operator of the app may see it, and nobody who is held to reading. */
const mayRead = ({ actor }: FastifyRequest, app: string): boolean =>
  actor.verbs === null && mayIn(actor, 'operator', app)

export function outboxRoutes(app: Routes, ports: OutboxRoutePorts): void {
  messageRoutes(app, ports)
  templateRoutes(app, ports)
  grantRoutes(app, ports)
  suppressedRoutes(app, ports)
}

function messageRoutes(app: Routes, { outbox, knownApp, audit, clock }: OutboxRoutePorts): void {
  app.get(
    '/api/apps/:app/outbox',
    {
      config: viewer,
      schema: {
        summary: 'What an app sends to people: by day, and the latest',
        ...{ params: OfApp, querystring: Limit, response: { 200: OutboxView } },
      },
    },
    async request => {
      const { app: name } = request.params
      await knownApp(name)
      const asked = { limit: request.query.limit, mayRead: mayRead(request, name), now: clock.now() }
      return look(outbox, name, asked)
    },
  )
  app.get(
    '/api/outbox/messages/:id',
    {
      config: { ...viewer, sorts: true },
      schema: { params: z.object({ id: z.string().max(60) }), response: { 200: OutboxMessage } },
    },
    async request => {
      const row = await outbox.find(null, request.params.id)
      request.demand(row.app)
      return viewOf(row, { store: outbox.store, mayRead: mayRead(request, row.app) })
    },
  )
  app.post(
    '/api/outbox/messages/:id/cancel',
    {
      config: { permission: 'operator', sorts: true },
      schema: { params: z.object({ id: z.string().max(60) }), response: { 200: OutboxMessage } },
    },
    async request => {
      const row = await outbox.find(null, request.params.id)
      request.demand(row.app)
      const ended = await outbox.cancel(row)
      await audit.write({ actor: request.actor.name, action: 'outbox cancel', app: row.app, detail: row.id })
      return viewOf(ended, { store: outbox.store, mayRead: mayRead(request, row.app) })
    },
  )
}

function templateRoutes(app: Routes, { outbox, knownApp }: OutboxRoutePorts): void {
  app.get(
    '/api/apps/:app/outbox/templates',
    { config: viewer, schema: { params: OfApp, response: { 200: z.array(TemplateView) } } },
    async request => {
      await knownApp(request.params.app)
      return (await outbox.samples(request.params.app)).map(({ way, ...one }) => ({ ...one, channel: way }))
    },
  )
  app.post(
    '/api/apps/:app/outbox/preview',
    {
      config: viewer,
      schema: {
        summary: 'A template of the release that serves, as it would be sent',
        ...{ params: OfApp, body: PreviewRequest, response: { 200: Preview } },
      },
    },
    async request => {
      await knownApp(request.params.app)
      return previewOf(outbox, request.params.app, request.body)
    },
  )
}

function grantRoutes(app: Routes, { outbox, messages, knownApp, audit, clock }: OutboxRoutePorts): void {
  app.get('/api/outbox/grants', { config: viewer, schema: { response: { 200: z.array(Grant) } } }, async () =>
    outbox.grants.list(),
  )
  // Their app stands in the body: an admin of one app alone must not give it a channel of the server.
  app.post(
    '/api/outbox/grants',
    { config: admin, schema: { body: GrantRequest, response: { 200: Done } } },
    async request => {
      const { app: name, channel, perDay } = request.body
      await messages.known(channel)
      if (parseApp(name).environment === PRODUCTION) await knownApp(name)
      if (sharedByPreviews(name) !== null) throw onePreview(name)
      await outbox.grants.give({ app: name, channel, perDay, by: request.actor.name, at: clock.now() })
      const detail = `${channel}, ${perDay} a day`
      await audit.write({ actor: request.actor.name, action: 'outbox allow', app: name, detail })
      outbox.wake()
      return { done: true as const }
    },
  )
  app.delete(
    '/api/outbox/grants/:name/:channel',
    {
      config: admin,
      schema: { params: z.object({ name: z.string(), channel: z.string() }), response: { 200: Done } },
    },
    async request => {
      const { name, channel } = request.params
      if (!(await outbox.grants.take(name, channel))) throw unknownGrant(name, channel)
      await audit.write({ actor: request.actor.name, action: 'outbox deny', app: name, detail: channel })
      return { done: true as const }
    },
  )
}

/** Addresses are of all apps that send by a channel, so who sees them may see all apps. */
function suppressedRoutes(app: Routes, { outbox, audit }: OutboxRoutePorts): void {
  app.get(
    '/api/outbox/suppressed',
    { config: { permission: 'operator' }, schema: { response: { 200: z.array(Suppressed) } } },
    async () => outbox.grants.suppressed(),
  )
  app.post(
    '/api/outbox/suppressed/lift',
    {
      config: { permission: 'operator' },
      schema: { body: z.object({ channel: z.string(), address: z.string() }), response: { 200: Done } },
    },
    async request => {
      const { channel, address } = request.body
      if (!(await outbox.grants.lift(channel, address))) throw unknownSuppressed(address)
      await audit.write({ actor: request.actor.name, action: 'outbox lift', detail: channel })
      return { done: true as const }
    },
  )
}

const onePreview = (name: string): Failure =>
  new Failure('outbox.preview', `${name} is one preview`, {
    why: 'all previews of an app have the same rights',
    fix: `\`inn outbox allow CHANNEL --app ${sharedByPreviews(name)}\``,
  })
