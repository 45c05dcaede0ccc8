import { z } from 'zod'
import {
  AuditEntry,
  Person,
  PersonAnswer,
  PersonRequest,
  Token,
  TokenAnswer,
  TokenRequest,
} from '../../../contract/people.ts'
import { Failure } from '../kernel/failure.ts'
import type { ApiPorts } from './ports.ts'
import type { Routes } from './routes.ts'

const admin = { permission: 'admin' } as const

export function peopleRoutes(app: Routes, { people, audit }: ApiPorts): void {
  const wrote = (actor: string, action: string, detail: string) =>
    audit.write({ actor, action, app: null, run: null, detail })

  app.get('/api/people', { config: admin, schema: { response: { 200: z.array(Person) } } }, () =>
    people.list(),
  )

  app.post(
    '/api/people',
    { config: admin, schema: { body: PersonRequest, response: { 200: PersonAnswer } } },
    async request => {
      const { email, name, role } = request.body
      const answer = await people.invite({ email, name: name ?? email.split('@')[0]!, role })
      await wrote(request.actor.name, 'people add', `${email} as ${role}`)
      return answer
    },
  )

  app.delete(
    '/api/people/:email',
    {
      config: admin,
      schema: {
        params: z.object({ email: z.email() }),
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
    },
    async request => {
      const { email } = request.params
      if (!(await people.remove(email)))
        throw new Failure('person.unknown', `nobody here has the address ${email}`, {
          why: 'that person was removed before, or it was mistyped',
          fix: 'inn people list shows who there is',
        })
      await wrote(request.actor.name, 'people remove', email)
      return { removed: true as const }
    },
  )

  app.get('/api/tokens', { config: admin, schema: { response: { 200: z.array(Token) } } }, () =>
    people.tokens(),
  )

  app.post(
    '/api/tokens',
    { config: admin, schema: { body: TokenRequest, response: { 200: TokenAnswer } } },
    async request => {
      const answer = await people.addToken(request.body)
      await wrote(request.actor.name, 'token add', `${request.body.name} as ${request.body.role}`)
      return answer
    },
  )

  app.delete(
    '/api/tokens/:id',
    {
      config: admin,
      schema: { params: z.object({ id: z.string() }), response: { 200: z.object({ revoked: z.boolean() }) } },
    },
    async request => {
      const revoked = await people.revokeToken(request.params.id)
      if (!revoked)
        throw new Failure('token.unknown', 'there is no such token', {
          why: 'it was revoked before, or was mistyped',
          fix: 'inn token list shows them',
        })
      await wrote(request.actor.name, 'token revoke', request.params.id)
      return { revoked }
    },
  )

  app.get('/api/audit', { config: admin, schema: { response: { 200: z.array(AuditEntry) } } }, () =>
    audit.list(),
  )
}
