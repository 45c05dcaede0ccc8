import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Routes } from '../../api/routes.ts'
import type { Audit } from '../audit/audit.ts'
import type { Attempts } from './attempts-told.ts'
import type { People } from './people.ts'
import { type Door, doorOf } from './routes-door.ts'
import { addressOf, type Pass, passing, tooMany } from './routes-library.ts'
import { CodeRequest, PasswordRequest, SignInRequest } from './wire.ts'

/** The sign-in library has many more routes. Only these can be reached, and two for passkeys, each under its own path. */
const SIGN_IN = '/api/auth/sign-in/email'
const SIGN_OUT = '/api/auth/sign-out'
const RESET = '/api/auth/reset-password'
const CODES = ['/api/auth/two-factor/verify-totp', '/api/auth/two-factor/verify-backup-code'] as const

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  attempts: Attempts
}

/** Routes for signing in and out, and choosing a password. */
export function authRoutes(app: Routes, ports: Ports): void {
  const inside = { ...doorOf(ports), attempts: ports.attempts, pass: passing(ports.people) }
  signInRoutes(app, inside)
  passwordRoutes(app, inside)
}

interface Inside extends Door {
  attempts: Attempts
  pass: Pass
}

function signInRoutes(app: Routes, { config, attempts, onRequest, wrote, pass }: Inside): void {
  app.post(SIGN_IN, { config, onRequest, schema: { body: SignInRequest } }, async (request, reply) => {
    const attempt = await attempts.begin(request.body.email, addressOf(request))
    if (attempt.waitMs > 0) throw tooMany(reply, attempt.waitMs)
    const answer = await pass(SIGN_IN, request, reply)
    if (!answer.ok) return answer.json()
    attempt.good()
    // The library's own answer is not passed on: it contains the session, which scripts of the page must not see.
    const { twoFactorRedirect = false } = (await answer.json()) as { twoFactorRedirect?: boolean }
    if (twoFactorRedirect) return { signedIn: false, secondFactor: true }
    await wrote(request.body.email.toLowerCase(), 'sign in', request)
    return { signedIn: true }
  })
  for (const path of CODES)
    app.post(path, { config, onRequest, schema: { body: CodeRequest } }, async (request, reply) => {
      // The library bounds the tries: five for each sign-in, and ten in a row for a person until a quarter of an hour is over.
      const answer = await pass(path, request as FastifyRequest, reply as FastifyReply)
      if (!answer.ok) return answer.json()
      const { user } = (await answer.json()) as { user: { email: string } }
      await wrote(user.email, 'sign in', request as FastifyRequest)
      return { signedIn: true }
    })
}

function passwordRoutes(app: Routes, { config, onRequest, wrote, pass }: Inside): void {
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
