import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { iso } from '../../kernel/moments.ts'
import { noticeOf } from './html.ts'
import type { StatusPages } from './status-page.ts'
import type { Subscribers } from './subscribers.ts'
import { StatusPageView, SubscriberView } from './wire.ts'

export interface StatusPageRoutePorts {
  statusPages: StatusPages
  subscribers: Subscribers
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string }): Promise<unknown>
  }
}

const ByApp = z.object({ app: z.string() })
const Removed = z.object({ removed: z.literal(true) })

export function statusPageRoutes(app: Routes, ports: StatusPageRoutePorts): void {
  teamRoutes(app, ports)
  visitorRoutes(app, ports)
}

function teamRoutes(app: Routes, { statusPages, subscribers, audit }: StatusPageRoutePorts): void {
  app.get(
    '/api/status-pages',
    {
      config: { permission: 'viewer', sorts: true },
      schema: {
        summary: 'The public status pages of all apps that have one',
        response: { 200: z.array(StatusPageView) },
      },
    },
    async request => statusPages.all(name => request.permits(name)),
  )
  app.get(
    '/api/apps/:app/status-page',
    {
      config: { permission: 'viewer' },
      schema: {
        summary: 'The public status page of an app, and how many people are told by e-mail',
        params: ByApp,
        response: { 200: StatusPageView },
      },
    },
    async request => statusPages.show(request.params.app),
  )
  app.get(
    '/api/apps/:app/status-page/subscribers',
    {
      config: { permission: 'operator' },
      schema: {
        summary: 'Who is told by e-mail',
        params: ByApp,
        response: { 200: z.array(SubscriberView) },
      },
    },
    async request => {
      await statusPages.show(request.params.app)
      return (await subscribers.list(request.params.app)).map(one => ({
        ...{ address: one.address, since: iso(one.createdAt) },
        confirmedAt: one.confirmedAt === null ? null : iso(one.confirmedAt),
      }))
    },
  )
  app.post(
    '/api/apps/:app/status-page/subscribers/remove',
    {
      config: { permission: 'operator' },
      schema: {
        summary: 'Takes an address off the list',
        params: ByApp,
        body: z.object({ address: z.string().max(254) }),
        response: { 200: Removed },
      },
    },
    async request => {
      const { app: name } = request.params
      await subscribers.remove(name, request.body.address.toLowerCase())
      // The address itself is what its owner wants to be forgotten.
      await audit.write({ actor: request.actor.name, action: 'status-page remove', app: name, detail: '' })
      return { removed: true as const }
    },
  )
}

const address = z.email().max(254)
/** As z.email has it, and as e-mail takes it: on one line, one address. */
const addressIn = (body: string): string | null => {
  const given = new URLSearchParams(body).get('email')?.trim().toLowerCase() ?? ''
  return address.safeParse(given).success ? given : null
}

const SENT = {
  headline: 'Look into your mailbox',
  text: 'If the address can get mail, a link to confirm it is on its way. It is good for two days.',
}
const FULL = {
  headline: 'Nobody can subscribe at the moment',
  text: 'Too many people ask at once. Try again in an hour; the RSS feed tells the same.',
}
const NO_ADDRESS = { headline: 'This is no e-mail address', text: 'Go back and write it once more.' }
const CONFIRM = { headline: 'Confirm your address', text: 'From then on you are told by e-mail.' }
const CONFIRMED = { headline: 'You are subscribed', text: 'Each mail has a link that ends it.' }
const OLD = { headline: 'This link is not good any more', text: 'Subscribe once more to get another one.' }
const END = { headline: 'Unsubscribe', text: 'From then on no mail comes.' }
const ENDED = { headline: 'You are unsubscribed', text: 'No more mail comes.' }

const Token = z.object({ token: z.string().max(200).default('') })

/** What visitors of a page do. The edge passes it on, and nothing else of them. */
function visitorRoutes(app: Routes, { statusPages, subscribers }: StatusPageRoutePorts): void {
  const open = (summary: string) => ({
    config: { permission: 'public' as const },
    bodyLimit: 4_096,
    schema: { summary, params: ByApp, querystring: Token, response: { 200: z.string(), 429: z.string() } },
  })
  const asHtml = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }
  const page = async (name: string, said: { headline: string; text: string }, label?: string, path = '') =>
    noticeOf({
      title: (await statusPages.mailing(name))?.title ?? name,
      ...said,
      button: label === undefined ? null : { label, action: path },
    })
  app.register((scope: Routes, _, done) => {
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, read) => read(null, body))
    scope.post(
      '/api/status-pages/:app/subscribe',
      open('A visitor asks to be told by e-mail'),
      async (request, reply) => {
        const { app: name } = request.params
        const given = addressIn(typeof request.body === 'string' ? request.body : '')
        if (given === null) return reply.headers(asHtml).send(await page(name, NO_ADDRESS))
        const taken = await subscribers.subscribe(name, given)
        return reply
          .code(taken ? 200 : 429)
          .headers(asHtml)
          .send(await page(name, taken ? SENT : FULL))
      },
    )
    // A link is followed by programs that look into mail, too: only the button does it.
    scope.get('/api/status-pages/:app/confirm', open('Asks a visitor to confirm'), async (request, reply) => {
      const path = `confirm?token=${encodeURIComponent(request.query.token)}`
      return reply.headers(asHtml).send(await page(request.params.app, CONFIRM, 'Confirm', path))
    })
    scope.post('/api/status-pages/:app/confirm', open('A visitor confirms'), async (request, reply) => {
      const good = await subscribers.confirm(request.params.app, request.query.token)
      return reply.headers(asHtml).send(await page(request.params.app, good ? CONFIRMED : OLD))
    })
    scope.get(
      '/api/status-pages/:app/unsubscribe',
      open('Asks whether to end it'),
      async (request, reply) => {
        const path = `unsubscribe?token=${encodeURIComponent(request.query.token)}`
        return reply.headers(asHtml).send(await page(request.params.app, END, 'Unsubscribe', path))
      },
    )
    // Also with one click in a mail program (RFC 8058).
    scope.post('/api/status-pages/:app/unsubscribe', open('A visitor ends it'), async (request, reply) => {
      const good = await subscribers.unsubscribe(request.params.app, request.query.token)
      return reply.headers(asHtml).send(await page(request.params.app, good ? ENDED : OLD))
    })
    done()
  })
}
