import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Actor, mayGive, type Rights } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Audit } from '../audit/audit.ts'
import type { People } from './people.ts'
import { type Access, findings } from './review.ts'
import { rightsOf, sayRights } from './rights.ts'
import { unknownPerson } from './routes-sessions.ts'
import {
  AccessReview,
  Person,
  PersonAnswer,
  PersonRemoved,
  PersonRequest,
  Token,
  TokenAnswer,
  TokenRequest,
  TokenRevoked,
} from './wire.ts'

const admin = { permission: 'admin' } as const
const sorted = { ...admin, sorts: true } as const

interface Ports {
  people: People
  audit: Pick<Audit, 'write' | 'lastOf'>
}

const REVIEW = 'people review'

/** Everybody who has access. */
export async function accessOf({ people, audit }: Ports): Promise<Access> {
  const reviews = [...audit.lastOf(REVIEW).values()]
  return {
    people: await people.list(),
    tokens: await people.tokens(),
    reviewedAt: reviews.length === 0 ? null : Math.max(...reviews),
  }
}

/** Everybody who has access, when they used it last, and what to ask about. */
export async function reviewOf({ people, audit }: Ports, now: number): Promise<AccessReview> {
  const { people: all, tokens, reviewedAt } = await accessOf({ people, audit })
  const signedIn = audit.lastOf('sign in')
  const seen = all.map(person => {
    const at = signedIn.get(person.email)
    return { ...person, signedInAt: at === undefined ? null : iso(at) }
  })
  return {
    people: seen,
    tokens: [...tokens],
    reviewedAt: reviewedAt === null ? null : iso(reviewedAt),
    findings: findings({ people: seen, tokens }, now),
  }
}

type Written = Ports & {
  /** Makes changes one after the other. When its turn comes, each checks again that its actor still has the right. */
  inTurn<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T>
  wrote(actor: Actor, action: string, detail: string): Promise<unknown>
  /** Writes to the audit log which tokens ended with a person or another token. Resolves with their names. */
  wroteEnds(actor: Actor, ended: readonly Token[], why: string): Promise<string[]>
}

export function peopleRoutes(app: Routes, { people, audit }: Ports): void {
  const turns = inTurns()
  const wrote: Written['wrote'] = ({ name }, action, detail) => audit.write({ actor: name, action, detail })
  const written: Written = {
    people,
    audit,
    wrote,
    inTurn: (request, work) =>
      turns(async () => {
        await request.admitted()
        return work()
      }),
    async wroteEnds(actor, ended, why) {
      for (const { name, id } of ended) await wrote(actor, 'token revoke', `${name} (${id}): ${why}`)
      return ended.map(token => token.name)
    },
  }
  personRoutes(app, written)
  tokenRoutes(app, written)
  reviewRoutes(app, written)
}

function reviewRoutes(app: Routes, { people, audit, wrote }: Written): void {
  const answer = { config: admin, schema: { response: { 200: AccessReview } } }
  const read = () => reviewOf({ people, audit }, Date.now())
  app.get('/api/people/review', answer, read)
  app.post('/api/people/review', answer, async request => {
    const { people: all, tokens } = await read()
    await wrote(request.actor, REVIEW, `${all.length} with a password, ${tokens.length} by a token`)
    return read()
  })
}

function personRoutes(app: Routes, { people, inTurn, wrote, wroteEnds }: Written): void {
  app.get('/api/people', { config: admin, schema: { response: { 200: z.array(Person) } } }, () =>
    people.list(),
  )

  app.post(
    '/api/people',
    { config: admin, schema: { body: PersonRequest, response: { 200: PersonAnswer } } },
    request =>
      inTurn(request, async () => {
        const { email, name, role, apps } = request.body
        const rights =
          role === undefined && apps === undefined ? null : { role: role ?? null, apps: apps ?? {} }
        const answer = await people.invite({ email, name: name ?? email.split('@')[0]!, rights })
        const said = sayRights({ ...answer.person, verbs: null })
        await wrote(request.actor, 'people add', `${email} as ${said}`)
        return {
          ...answer,
          ended: await wroteEnds(
            request.actor,
            answer.ended,
            `made by ${email}, who may not make it any more`,
          ),
        }
      }),
  )

  app.delete(
    '/api/people/:email',
    { config: admin, schema: { params: z.object({ email: z.email() }), response: { 200: PersonRemoved } } },
    request =>
      inTurn(request, async () => {
        const { email } = request.params
        const ended = await people.remove(email)
        if (ended === null) throw unknownPerson(email)
        await wrote(request.actor, 'people remove', email)
        return {
          removed: true as const,
          ended: await wroteEnds(request.actor, ended, `made by ${email}, who was removed`),
        }
      }),
  )
}

function tokenRoutes(app: Routes, { people, inTurn, wrote, wroteEnds }: Written): void {
  /** An admin of some apps has to do with the tokens for them. */
  const ofTheirs = async ({ actor }: Pick<FastifyRequest, 'actor'>) =>
    (await people.tokens()).filter(token => mayGive(actor, rightsOf(token)))

  app.get('/api/tokens', { config: sorted, schema: { response: { 200: z.array(Token) } } }, ofTheirs)

  app.post(
    '/api/tokens',
    { config: sorted, schema: { body: TokenRequest, response: { 200: TokenAnswer } } },
    request =>
      inTurn(request, async () => {
        const rights = rightsOf(request.body)
        if (!mayGive(request.actor, rights)) throw tooMuch(request.actor, rights)
        const answer = await people.addToken(request.body, request.actor)
        await wrote(request.actor, 'token add', `${request.body.name} as ${sayRights(rights)}`)
        return answer
      }),
  )

  app.delete(
    '/api/tokens/:id',
    { config: sorted, schema: { params: z.object({ id: z.string() }), response: { 200: TokenRevoked } } },
    request =>
      inTurn(request, async () => {
        const { id } = request.params
        const theirs = (await ofTheirs(request)).some(token => token.id === id)
        const ended = theirs ? await people.revokeToken(id) : null
        if (ended === null)
          throw new Failure('token.unknown', 'there is no such token', {
            why: 'it was revoked before, or was mistyped',
            fix: '`inn token list` shows them',
          })
        await wrote(request.actor, 'token revoke', id)
        const others = ended.filter(token => token.id !== id)
        return {
          revoked: true as const,
          ended: await wroteEnds(request.actor, others, 'made with a token that was revoked'),
        }
      }),
  )
}

const tooMuch = (actor: Actor, asked: Rights): Failure =>
  new Failure('token.rights', `${actor.name} may not make a token that is ${sayRights(asked)}`, {
    why: `a token has no right that its maker has not, and ${actor.name} is ${sayRights(actor)}`,
    fix: '`inn token add NAME --app APP` for the apps whose admin you are',
  })
