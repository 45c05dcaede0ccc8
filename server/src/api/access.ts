import { chmod } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Failure } from '../kernel/failure.ts'
import { type Actor, type Admission, may } from './actor.ts'
import type { Role } from './wire.ts'

/** What a route asks for; `public` is for signing in and the dashboard's own files. */
export type Permission = Role | 'public'

/** A route as it was really mounted, ours or a library's. */
export interface Door {
  method: string
  url: string
  permission: Permission
}

declare module 'fastify' {
  interface FastifyInstance {
    doors: readonly Door[]
  }
  interface FastifyContextConfig {
    permission?: Permission
  }
  interface FastifyRequest {
    actor: Actor
    /** Asks once more who this is and whether they still may; throws when not. For whatever takes a while. */
    admitted(): Promise<void>
  }
}

const NOBODY: Actor = { id: null, name: 'nobody', email: null, role: 'viewer' }

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

/** Each route names its permission, or the server does not start. Before anything else is read, it is asked for. */
export function guard(app: FastifyInstance, people: Admission): void {
  const doors: Door[] = []
  app.decorate('doors', { getter: () => doors })
  app.addHook('onRoute', route => {
    const permission = route.config?.permission
    if (permission === undefined) throw new Error(`${route.method} ${route.url} names no permission`)
    for (const method of [route.method].flat()) doors.push({ method, url: route.url, permission })
  })
  app.decorateRequest('actor', null as unknown as Actor)
  app.decorateRequest('admitted', async function (this: FastifyRequest) {
    const needed = this.routeOptions.config.permission
    if (needed === undefined || needed === 'public' || trusted.has(this.raw)) return
    if (!people.any()) throw closed()
    const actor = await people.identify(headersOf(this))
    if (actor === null) throw unknown()
    if (!may(actor.role, needed)) throw forbidden(actor, needed)
    this.actor = actor
  })
  app.addHook('onRequest', async request => {
    if (trusted.has(request.raw)) {
      request.actor = { id: null, name: callerOf(request), email: null, role: 'admin' }
      return
    }
    request.actor = NOBODY
    await request.admitted()
    // No such route, or one for everybody: no cookie is looked at.
    if (request.actor !== NOBODY) checkOrigin(request)
  })
  // The body may have come slowly, and its sender may have been removed meanwhile.
  app.addHook('preHandler', async request => {
    if (changes(request)) await request.admitted()
  })
}

const changes = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD'

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
  // No browser sends a token by itself.
  if (!changes(request) || request.actor.id?.startsWith('token:')) return
  if (request.headers.origin === undefined || !fromHere(request)) throw fromElsewhere(request)
}

/** The browser says `null` of a page that has no site, e.g. in a sandboxed frame. */
export function fromHere({ headers: { origin }, host }: FastifyRequest): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

export const fromElsewhere = ({ headers: { origin }, host }: FastifyRequest): Failure =>
  new Failure('access.origin', 'the request came from another site', {
    why: `its Origin is ${origin ?? 'missing'}, and this is ${host}`,
    fix: 'use the dashboard, or a token',
  })

export const closed = (): Failure =>
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
    'access.slow': 429,
    'request.host': 400,
    'run.locked': 409,
    'run.past-return': 409,
    internal: 500,
  }
  return known[code] ?? (code.endsWith('.unknown') ? 404 : code.endsWith('.down') ? 503 : 422)
}
