import { chmod } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Role } from '../../../contract/people.ts'
import { Failure } from '../kernel/failure.ts'
import { type Actor, may, type People } from '../people/people.ts'

/** What a route asks for; `public` is for signing in and the dashboard's own files. */
export type Permission = Role | 'public'

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission
  }
  interface FastifyRequest {
    actor: Actor
  }
}

const NOBODY: Actor = { name: 'nobody', email: null, role: 'viewer' }

/** Requests that came through the unix socket: its file mode says who may, and the caller names itself for the audit log. */
const trusted = new WeakSet<IncomingMessage>()

/** Serves the same routes on a unix socket. The socket's folder lets in its owner alone until the mode is set. */
export async function listenTrusted(app: FastifyInstance, path: string): Promise<void> {
  const server = createServer((request, response) => {
    trusted.add(request)
    app.routing(request, response)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  await chmod(path, 0o600)
}

/** Each route names its permission, or the server does not start. */
export function guard(app: FastifyInstance, people: People): void {
  app.addHook('onRoute', route => {
    if (route.config?.permission === undefined)
      throw new Error(`${route.method} ${route.url} names no permission`)
  })
  app.decorateRequest('actor', null as unknown as Actor)
  app.addHook('onRequest', async request => {
    const needed = request.routeOptions.config.permission
    if (needed === undefined) return // No such route: the 404 handler answers.
    if (trusted.has(request.raw)) {
      request.actor = { name: callerOf(request), email: null, role: 'admin' }
      return
    }
    request.actor = NOBODY
    if (needed === 'public') return
    if (!people.any()) throw closed()
    const actor = await people.identify(headersOf(request))
    if (actor === null) throw unknown()
    if (!may(actor.role, needed)) throw forbidden(actor, needed)
    request.actor = actor
    checkOrigin(request)
  })
}

const callerOf = (request: FastifyRequest): string =>
  String(request.headers['x-innkeeper-actor'] ?? 'root').slice(0, 64)

export const headersOf = (request: FastifyRequest): Headers =>
  new Headers(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  )

/** A page of somebody else must not change anything with this browser's cookie. */
function checkOrigin(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.headers.authorization !== undefined)
    return
  const { origin, host } = request.headers
  if (origin !== undefined && new URL(origin).host === host) return
  throw new Failure('access.origin', 'the request came from another site', {
    why: `its Origin is ${origin ?? 'missing'}, and this is ${host}`,
    fix: 'use the dashboard, or a token',
  })
}

const closed = (): Failure =>
  new Failure('access.closed', 'nobody may sign in yet', {
    why: 'no person was added',
    fix: 'on the server: inn people add you@example.com',
  })

const unknown = (): Failure =>
  new Failure('access.unknown', 'you are not signed in', {
    why: 'the request carries no valid session or token',
    fix: 'sign in, or send Authorization: Bearer TOKEN',
  })

const forbidden = (actor: Actor, needed: Role): Failure =>
  new Failure('access.forbidden', `${actor.name} may not do this`, {
    why: `it takes the role ${needed}, and ${actor.name} is ${actor.role}`,
    fix: 'ask an admin: inn people add EMAIL --role …',
  })

/** HTTP status of a failure's code; everything else that we know about is the caller's to mend: 422. */
export function statusOf(code: string): number {
  const known: Record<string, number> = {
    'access.closed': 401,
    'access.unknown': 401,
    'access.forbidden': 403,
    'access.origin': 403,
    'run.locked': 409,
    'run.past-return': 409,
    internal: 500,
  }
  return known[code] ?? (code.endsWith('.unknown') ? 404 : code.endsWith('.down') ? 503 : 422)
}
