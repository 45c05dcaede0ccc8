import { z } from 'zod'
import type { Actor } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../audit/audit.ts'
import type { Attempts } from './attempts-told.ts'
import type { People } from './people.ts'
import { Done, PersonAnswer, Policy, SessionView } from './wire.ts'

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  attempts: Attempts
}

const admin = { permission: 'admin' } as const
/** Own ones, and for an admin of all those of everybody. */
const sorted = { permission: 'viewer', sorts: true } as const

export function sessionRoutes(app: Routes, { people, audit }: Ports): void {
  const seen = async ({ actor: { email, session, role } }: { actor: Actor }) =>
    (await people.sessions())
      .filter(one => role === 'admin' || one.email === email)
      .map(one => ({ ...one, own: one.id === session }))

  app.get('/api/sessions', { config: sorted, schema: { response: { 200: z.array(SessionView) } } }, seen)
  app.delete(
    '/api/sessions/:id',
    { config: sorted, schema: { params: z.object({ id: z.string() }), response: { 200: Done } } },
    async request => {
      const found = (await seen(request)).find(one => one.id === request.params.id)
      if (found === undefined || !(await people.endSession(found.id)))
        throw new Failure('session.unknown', 'there is no such session', {
          why: 'it has ended, or it is somebody else’s',
          fix: '`inn people sessions` shows them',
        })
      const detail = `of ${found.email}, from ${found.address ?? 'this server'}`
      await audit.write({ actor: request.actor.name, action: 'session end', detail })
      return { done: true as const }
    },
  )
}

/** What keeps people out, or lets them in again. */
export function lockRoutes(app: Routes, { people, audit, attempts }: Ports): void {
  const { policy } = people
  const answer = { response: { 200: Policy } }
  const now = async () => ({ secondFactor: await policy.read() })
  app.get('/api/people/policy', { config: admin, schema: answer }, now)
  app.post('/api/people/policy', { config: admin, schema: { body: Policy, ...answer } }, async request => {
    const { secondFactor } = request.body
    await policy.keep(secondFactor)
    const detail = `a second factor is asked of ${secondFactor}`
    await audit.write({ actor: request.actor.name, action: 'people require', detail })
    return now()
  })
  app.post(
    '/api/people/:email/reset',
    { config: admin, schema: { params: z.object({ email: z.email() }), response: { 200: PersonAnswer } } },
    async request => {
      const { email } = request.params
      // Whoever has an admin's session must not get by with it at the second factor of another admin.
      if (request.actor.id !== null) throw onServer(email)
      const found = await people.reset(email)
      if (found === null) throw unknownPerson(email)
      attempts.forget(email)
      const detail = `${email}: no second factor, no passkey, no session, no wait after wrong passwords, and a new link`
      await audit.write({ actor: request.actor.name, action: 'people reset', detail })
      return { ...found, ended: [] }
    },
  )
}

export const unknownPerson = (email: string): Failure =>
  new Failure('person.unknown', `nobody here has the address ${email}`, {
    why: 'that person was removed before, or it was mistyped',
    fix: '`inn people list` shows who there is',
  })

const onServer = (email: string): Failure =>
  new Failure('access.server', 'this is done on the server itself', {
    why: 'who may do it takes the second factor of somebody away',
    fix: `there, or by ssh: \`inn people reset ${email}\``,
  })
