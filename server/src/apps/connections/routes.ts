import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { parseApp } from '../../config/app-key.ts'
import { type Bucket, type Rate, taken } from '../../kernel/bucket.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Connections } from './connections.ts'
import type { Connection } from './store.ts'
import { ConnectionMade, ConnectionRemoved, ConnectionRequest, ConnectionView, HookAnswer } from './wire.ts'

export interface ConnectionRoutePorts {
  connections: Connections
  clock: { now(): number }
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string }): Promise<unknown>
  }
}

/** Events of one connection that are taken. */
const EVENTS: Rate = { burst: 30, perSecond: 2 }

/** Bytes of what a provider sends. A description of 1 MB, the most that GitLab takes, stands in it up to three times. */
export const MOST_BYTES = 5 * 1024 ** 2

const ByApp = z.object({
  app: z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, 'an app is shop, without an environment'),
})

export function connectionRoutes(app: Routes, ports: ConnectionRoutePorts): void {
  const { connections, audit } = ports
  const admin = { permission: 'admin' } as const
  const listed = {
    summary: 'Repositories elsewhere whose pull requests become previews',
    response: { 200: z.array(ConnectionView) },
  }
  app.get('/api/connections', { config: { ...admin, sorts: true }, schema: listed }, request =>
    connections.list(one => request.permits(one)),
  )
  const made = {
    summary: 'Connects an app to a repository elsewhere: its pull requests become previews',
    ...{ params: ByApp, body: ConnectionRequest, response: { 200: ConnectionMade } },
  }
  app.post('/api/apps/:app/connection', { config: admin, schema: made }, async request => {
    const { name } = parseApp(request.params.app)
    const { name: by } = request.actor
    const connection = await connections.connect(name, request.body, by)
    const { repository, forks } = connection
    const detail = `${repository}${forks ? ', also out of forks' : ''}`
    await audit.write({ actor: by, action: 'preview connect', app: name, detail })
    return connection
  })
  const removed = {
    summary: 'Disconnects an app from its repository; previews stay until their time is over',
    ...{ params: ByApp, response: { 200: ConnectionRemoved } },
  }
  app.delete('/api/apps/:app/connection', { config: admin, schema: removed }, async request => {
    const { name } = parseApp(request.params.app)
    if (!(await connections.disconnect(name))) throw none(name)
    await audit.write({ actor: request.actor.name, action: 'preview disconnect', app: name, detail: '' })
    return { removed: true as const }
  })
  hookRoute(app, ports)
}

declare module 'fastify' {
  interface FastifyRequest {
    connection: Connection | null
  }
}

/**
 * Where providers send their events. The id of the path and the rate are looked at before the body is read, and the
 * signature before anything of it is.
 */
function hookRoute(app: Routes, { connections, clock }: ConnectionRoutePorts): void {
  const buckets = new Map<string, Bucket>()
  app.decorateRequest('connection', null)
  app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_, body, read) =>
      read(null, body),
    )
    scope.post(
      '/api/previews/hooks/:id',
      {
        config: { permission: 'public' },
        bodyLimit: MOST_BYTES,
        schema: { summary: 'A provider says what happened to a pull request', response: { 200: HookAnswer } },
        async onRequest(request) {
          const { id } = request.params as { id: string }
          request.connection = await connections.known(id)
          const left = taken(EVENTS, buckets.get(id), clock.now())
          if (left === null) throw slow()
          buckets.set(id, left)
        },
      },
      request => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        return connections.receive(request.connection!, { headers: request.headers, body })
      },
    )
    done()
  })
}

const none = (app: string): Failure =>
  new Failure('connection.none', `${app} is connected to no repository`, {
    why: 'it never was, or was disconnected already',
    fix: '`inn preview connections` shows those that are',
  })

const slow = (): Failure =>
  new Failure('connection.slow', 'too much is sent to this address', {
    why: 'thirty events at once are taken, and two more each second',
    fix: 'send it again later',
  })
