import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import type { Messages } from './messages.ts'
import { ChannelAdded, ChannelRemoved, ChannelRequest, ChannelView, MessageView } from './wire.ts'

export interface MessageRoutePorts {
  messages: Pick<Messages, 'list' | 'messages' | 'add' | 'remove' | 'try'>
  audit: {
    write(row: { actor: string; action: string; detail: string }): Promise<unknown>
  }
}

const ByName = z.object({ name: z.string() })
const Query = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) })

/** Whom a letter is for is personal, as the list of who subscribed is: nobody sees it who may only look. */
const mayRead = ({ actor }: FastifyRequest): boolean => actor.verbs === null && mayIn(actor, 'operator', null)

/** What a mail server says of an address names it. */
const withoutNames = ({ to, attempts, ...message }: MessageView): MessageView =>
  to === null
    ? { ...message, to, attempts }
    : { ...message, to: null, attempts: attempts.map(one => ({ ...one, said: null })) }

/** Routes of channels and messages. No secret of a channel is ever answered. */
export function messageRoutes(app: Routes, { messages, audit }: MessageRoutePorts): void {
  const viewer = { permission: 'viewer' } as const
  const admin = { permission: 'admin' } as const
  const wrote = (actor: string, action: string, detail: string) => audit.write({ actor, action, detail })

  app.get(
    '/api/channels',
    { config: viewer, schema: { response: { 200: z.array(ChannelView) } } },
    async () => messages.list(),
  )
  app.get(
    '/api/messages',
    { config: viewer, schema: { querystring: Query, response: { 200: z.array(MessageView) } } },
    async request => {
      const all = await messages.messages(request.query.limit)
      return mayRead(request) ? all : all.map(withoutNames)
    },
  )
  app.post(
    '/api/channels',
    { config: admin, schema: { body: ChannelRequest, response: { 200: ChannelAdded } } },
    async request => {
      const added = await messages.add(request.body)
      const { name, settings } = request.body
      await wrote(request.actor.name, 'notify add', `${name}: ${settings.kind}`)
      return added
    },
  )
  app.delete(
    '/api/channels/:name',
    { config: admin, schema: { params: ByName, response: { 200: ChannelRemoved } } },
    async request => {
      const removed = await messages.remove(request.params.name)
      await wrote(request.actor.name, 'notify remove', request.params.name)
      return { removed: true as const, ...removed }
    },
  )
  app.post(
    '/api/channels/:name/test',
    { config: { permission: 'operator' }, schema: { params: ByName, response: { 200: MessageView } } },
    async request => {
      const { name } = request.params
      await wrote(request.actor.name, 'notify test', name)
      const title = `A test of the channel ${name}, by ${request.actor.name}`
      return messages.try(name, {
        level: 'soon',
        title,
        text: 'Nothing is wrong.',
        incidents: [],
        link: null,
      })
    },
  )
}
