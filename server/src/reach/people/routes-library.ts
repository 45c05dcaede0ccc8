import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../../kernel/failure.ts'
import type { Attempts } from './attempts-told.ts'
import { ADDRESS_HEADER, type People } from './people.ts'

/** Headers of a request that the library gets. */
const PASSED = [
  'cookie',
  'origin',
  'referer',
  'user-agent',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
]

export type Pass = ReturnType<typeof passing>

/** Passes a request on to one route of the sign-in library, and its cookies back. What it says is the caller's to tell. */
export const passing =
  (people: Pick<People, 'handle'>) =>
  async (path: string, request: FastifyRequest, reply: FastifyReply): Promise<Response> =>
    back(await people.handle(passed(path, request)), request, reply)

/** Passes the cookies of the library's answer back, with its status. */
export function back(answer: Response, request: FastifyRequest, reply: FastifyReply): Response {
  for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', scoped(request, cookie))
  reply.code(answer.status)
  return answer
}

/**
 * The request for the library. Its path is ours and not the requested one, so no spelling of a path reaches another of
 * its routes. `body`: null where it takes a GET.
 */
export function passed(path: string, request: FastifyRequest, body: unknown = request.body): Request {
  const base = `${request.protocol === 'https' ? 'https' : 'http'}://${request.host}`
  if (!URL.canParse(base))
    throw new Failure('request.host', 'the request does not say where it was sent to', {
      why: `its Host is ${request.host}`,
      fix: 'open the dashboard by the address that `inn open` shows',
    })
  const headers = new Headers({ 'content-type': 'application/json' })
  for (const name of PASSED) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, String(value))
  }
  if (isKnown(request.ip)) headers.set(ADDRESS_HEADER, request.ip)
  const url = new URL(path, base)
  return body === null
    ? new Request(url, { headers })
    : new Request(url, { method: 'POST', headers, body: JSON.stringify(body ?? {}) })
}

/** Both as they are without a schema, for what passes them on. */
export const both = (request: unknown, reply: unknown) =>
  [request as FastifyRequest, reply as FastifyReply] as const

/** Asks the library for something that takes the person's password, which nobody may guess this way either. */
export async function withPassword<T>(
  attempts: Attempts,
  [request, reply]: ReturnType<typeof both>,
  ask: (email: string) => Promise<Response>,
): Promise<T | { refused: unknown }> {
  const { email } = request.actor
  if (email === null) throw noPerson(request)
  const attempt = await attempts.begin(email, addressOf(request))
  if (attempt.waitMs > 0) throw tooMany(reply, attempt.waitMs)
  const answer = back(await ask(email), request, reply)
  const said = (await answer.json()) as T
  if (!answer.ok) return { refused: said }
  attempt.good()
  return said
}

export const noPerson = ({ actor }: Pick<FastifyRequest, 'actor'>): Failure =>
  new Failure('factor.no-person', `${actor.name} is no person who signed in`, {
    why: 'a second factor belongs to a password',
    fix: 'sign in to the dashboard',
  })

/**
 * Adds `Secure` to a cookie when the request came over TLS. TLS ends at a reverse proxy on this machine, which says so
 * in a header. A client that forges this header only makes its own cookie stricter.
 */
const scoped = (request: FastifyRequest, cookie: string): string =>
  request.protocol === 'https' && !/;\s*secure\b/i.test(cookie) ? `${cookie}; Secure` : cookie

/**
 * The address that a request comes from; null: not known. The reverse proxy on this machine appends the address that it
 * saw to X-Forwarded-For; earlier entries are not read, because a client can forge them. Loopback counts as not known,
 * because tunnels of several people end there.
 */
export function addressOf({ ip }: FastifyRequest): string | null {
  if (!isKnown(ip)) return null
  // An IPv6 address is cut to its /64 network, because one client usually has all addresses in it.
  return ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip.slice(0, 64)
}

const isKnown = (ip: string): boolean =>
  !(ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.'))

export function tooMany(reply: Pick<FastifyReply, 'header'>, ms: number): Failure {
  reply.header('retry-after', Math.ceil(ms / 1000))
  return new Failure('access.slow', 'too many wrong passwords', {
    why: 'each further one makes the next wait longer, so that nobody can guess',
    fix: `try again in ${Math.ceil(ms / 1000)} s; on the server, \`inn people reset EMAIL\` ends the wait`,
  })
}
