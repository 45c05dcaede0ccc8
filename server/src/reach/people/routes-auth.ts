import type { FastifyReply, FastifyRequest } from 'fastify'
import { closed, fromElsewhere, fromHere } from '../../api/access.ts'
import type { Routes } from '../../api/routes.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../audit/audit.ts'
import { signInAttempts } from './attempts.ts'
import type { People } from './people.ts'
import { PasswordRequest, SignInRequest } from './wire.ts'

/** The sign-in library has many more routes. Only these can be reached, each under its own path. */
const SIGN_IN = '/api/auth/sign-in/email'
const SIGN_OUT = '/api/auth/sign-out'
const RESET = '/api/auth/reset-password'

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

/** Routes for signing in and out, and choosing a password. They are closed until a person exists. */
export function authRoutes(
  app: Routes,
  { people, audit, clock }: { people: People; audit: Pick<Audit, 'write'>; clock: Clock },
): void {
  const config = { permission: 'public' } as const
  const attempts = signInAttempts(() => clock.now())
  const wrote = (actor: string, action: string, request: FastifyRequest) =>
    audit.write({
      actor,
      action,
      detail: `from ${addressOf(request) ?? 'this server'}`,
    })
  // Checked before the body is read, so that a stranger's body is not parsed.
  const onRequest = async (request: FastifyRequest) => {
    if (!people.any()) throw closed()
    if (!fromHere(request)) throw fromElsewhere(request)
  }
  const pass = async (path: string, request: FastifyRequest, reply: FastifyReply) => {
    const answer = await people.handle(passed(path, request))
    for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', scoped(request, cookie))
    reply.code(answer.status)
    return answer
  }

  app.post(SIGN_IN, { config, onRequest, schema: { body: SignInRequest } }, async (request, reply) => {
    const attempt = attempts.begin({ email: request.body.email, address: addressOf(request) })
    if (attempt.waitMs > 0) {
      reply.header('retry-after', Math.ceil(attempt.waitMs / 1000))
      throw slow(attempt.waitMs)
    }
    const answer = await pass(SIGN_IN, request, reply)
    if (!answer.ok) return answer.json()
    attempt.good()
    await wrote(request.body.email.toLowerCase(), 'sign in', request)
    // The library's own answer is not passed on: it contains the session, which scripts of the page must not see.
    return { signedIn: true }
  })
  app.post(SIGN_OUT, { config, onRequest }, async (request, reply) =>
    (await pass(SIGN_OUT, request, reply)).json(),
  )
  app.post(RESET, { config, onRequest, schema: { body: PasswordRequest } }, async (request, reply) => {
    const answer = await pass(RESET, request, reply)
    // The library does not say whose link it was: the person that it was made for stands in an entry before this one.
    if (answer.ok) await wrote('somebody with a link', 'password', request)
    return answer.json()
  })
}

/** The request for the library. Its path is ours and not the requested one, so no spelling of a path reaches another of its routes. */
function passed(path: string, request: FastifyRequest): Request {
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
  return new Request(new URL(path, base), {
    method: 'POST',
    headers,
    body: JSON.stringify(request.body ?? {}),
  })
}

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
function addressOf({ ip }: FastifyRequest): string | null {
  if (ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.')) return null
  // An IPv6 address is cut to its /64 network, because one client usually has all addresses in it.
  return ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip.slice(0, 64)
}

const slow = (ms: number): Failure =>
  new Failure('access.slow', 'too many wrong passwords', {
    why: 'each further one makes the next wait longer, so that nobody can guess',
    fix: `try again in ${Math.ceil(ms / 1000)} s; an admin can send a new link to choose a password`,
  })
