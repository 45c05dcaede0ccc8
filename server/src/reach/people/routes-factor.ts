import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import type { Audit } from '../audit/audit.ts'
import type { Attempts } from './attempts-told.ts'
import type { People } from './people.ts'
import { both, passed, passing, withPassword } from './routes-library.ts'
import { CodeRequest, CodesAnswer, Done, FactorAnswer, FactorRequest } from './wire.ts'

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  attempts: Attempts
}

/** Of whoever is signed in, whatever they may, and also before they have what is asked of them. */
const own = { permission: 'viewer', sorts: true, beforeFactor: 'owed', verb: 'any' } as const
const LIBRARY = '/api/auth/two-factor'

/** Asks the library for something that takes the person's password. */
const asking =
  ({ people, attempts }: Ports) =>
  <T>(path: string, request: FastifyRequest, reply: FastifyReply): Promise<T | { refused: unknown }> =>
    withPassword<T>(attempts, [request, reply], () => people.handle(passed(`${LIBRARY}/${path}`, request)))

const schema = <S extends z.ZodType>(summary: string, answer: S) => ({
  summary,
  body: FactorRequest,
  response: { 200: answer },
})

/** A person's own second factor by an authenticator app: its codes, and some for when it is lost. */
export function factorRoutes(app: Routes, ports: Ports): void {
  const wrote = (request: unknown, detail: string) => {
    const { actor } = request as FastifyRequest
    return ports.audit.write({ actor: actor.name, action: 'second factor', detail })
  }
  setUpRoutes(app, ports, wrote)
  laterRoutes(app, ports, wrote)
}

type Wrote = (request: unknown, detail: string) => Promise<unknown>

function setUpRoutes(app: Routes, ports: Ports, wrote: Wrote): void {
  const ask = asking(ports)
  const begins = schema('Begins a second factor: it counts once a code was entered', FactorAnswer)
  app.post('/api/me/second-factor', { config: own, schema: begins }, async (request, reply) => {
    const said = await ask<{ totpURI: string; backupCodes: string[] }>('enable', ...both(request, reply))
    if ('refused' in said) return said.refused as never
    return { uri: said.totpURI, codes: said.backupCodes }
  })
  app.post(
    '/api/me/second-factor/confirm',
    { config: own, schema: { body: CodeRequest, response: { 200: Done } } },
    async (request, reply) => {
      const answer = await passing(ports.people)(`${LIBRARY}/verify-totp`, ...both(request, reply))
      if (!answer.ok) return (await answer.json()) as never
      await wrote(request, 'set up')
      return { done: true as const }
    },
  )
}

function laterRoutes(app: Routes, ports: Ports, wrote: Wrote): void {
  const ask = asking(ports)
  const others = schema('Other codes for when it is lost; those of before end', CodesAnswer)
  app.post('/api/me/second-factor/codes', { config: own, schema: others }, async (request, reply) => {
    const said = await ask<{ backupCodes: string[] }>('generate-backup-codes', ...both(request, reply))
    if ('refused' in said) return said.refused as never
    await wrote(request, 'other codes for when it is lost')
    return { codes: said.backupCodes }
  })
  const off = { config: own, schema: schema('Takes it away', Done) }
  app.post('/api/me/second-factor/off', off, async (request, reply) => {
    const said = await ask<object>('disable', ...both(request, reply))
    if ('refused' in said) return said.refused as never
    await wrote(request, 'taken away')
    return { done: true as const }
  })
}
