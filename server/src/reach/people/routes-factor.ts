import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../audit/audit.ts'
import type { Attempts } from './attempts-told.ts'
import type { People } from './people.ts'
import { addressOf, passing, tooMany } from './routes-library.ts'
import { CodeRequest, CodesAnswer, Done, FactorAnswer, FactorRequest } from './wire.ts'

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  attempts: Attempts
}

/** Of whoever is signed in, whatever they may, and also before they have what is asked of them. */
const own = { permission: 'viewer', sorts: true, beforeFactor: true, verb: 'any' } as const
const LIBRARY = '/api/auth/two-factor'

/** A person's own second factor: codes of an authenticator app, and some for when it is lost. */
export function factorRoutes(app: Routes, { people, audit, attempts }: Ports): void {
  const pass = passing(people)
  const wrote = (request: FastifyRequest, detail: string) =>
    audit.write({ actor: request.actor.name, action: 'second factor', detail })

  /** Asks the library for something that takes the person's password, which nobody may guess this way either. */
  async function ask<T>(
    path: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<T | { refused: unknown }> {
    const { email } = request.actor
    if (email === null) throw noPerson(request)
    const attempt = await attempts.begin(email, addressOf(request))
    if (attempt.waitMs > 0) throw tooMany(reply, attempt.waitMs)
    const answer = await pass(`${LIBRARY}/${path}`, request, reply)
    const said = await answer.json()
    if (!answer.ok) return { refused: said }
    attempt.good()
    return said as T
  }
  const schema = <S extends z.ZodType>(summary: string, answer: S) => ({
    summary,
    body: FactorRequest,
    response: { 200: answer },
  })

  app.post(
    '/api/me/second-factor',
    {
      config: own,
      schema: schema('Begins a second factor: it counts once a code was entered', FactorAnswer),
    },
    async (request, reply) => {
      const said = await ask<{ totpURI: string; backupCodes: string[] }>('enable', ...both(request, reply))
      if ('refused' in said) return said.refused as never
      return { uri: said.totpURI, codes: said.backupCodes }
    },
  )
  app.post(
    '/api/me/second-factor/confirm',
    { config: own, schema: { body: CodeRequest, response: { 200: Done } } },
    async (request, reply) => {
      const answer = await pass(`${LIBRARY}/verify-totp`, ...both(request, reply))
      if (!answer.ok) return (await answer.json()) as never
      await wrote(request as FastifyRequest, 'set up')
      return { done: true as const }
    },
  )
  app.post(
    '/api/me/second-factor/codes',
    { config: own, schema: schema('Other codes for when it is lost; those of before end', CodesAnswer) },
    async (request, reply) => {
      const said = await ask<{ backupCodes: string[] }>('generate-backup-codes', ...both(request, reply))
      if ('refused' in said) return said.refused as never
      await wrote(request as FastifyRequest, 'other codes for when it is lost')
      return { codes: said.backupCodes }
    },
  )
  app.post(
    '/api/me/second-factor/off',
    { config: own, schema: schema('Takes it away', Done) },
    async (request, reply) => {
      const said = await ask('disable', ...both(request, reply))
      if (typeof said === 'object' && said !== null && 'refused' in said) return said.refused as never
      await wrote(request as FastifyRequest, 'taken away')
      return { done: true as const }
    },
  )
}

/** Both as they are without a schema, for what passes them on. */
const both = (request: unknown, reply: unknown) => [request as FastifyRequest, reply as FastifyReply] as const

const noPerson = ({ actor }: FastifyRequest): Failure =>
  new Failure('factor.no-person', `${actor.name} is no person who signed in`, {
    why: 'a second factor belongs to a password',
    fix: 'sign in to the dashboard',
  })
