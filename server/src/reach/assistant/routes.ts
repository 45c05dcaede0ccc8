import type { FastifyRequest } from 'fastify'
import { type Actor, isAssistant, mayLend, OF_ASSISTANTS } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Audit } from '../audit/audit.ts'
import type { People } from '../people/people.ts'
import { rightsOf, sayRights } from '../people/rights.ts'
import { lentBy } from './rule.ts'
import { AssistantAnswer, AssistantEnded } from './wire.ts'

/** The command makes another one while it is used. What was killed leaves one for so long. */
const HOURS = 1

export interface AssistantPorts {
  people: People
  audit: Pick<Audit, 'write'>
}

export function assistantRoutes(app: Routes, { people, audit }: AssistantPorts): void {
  const turns = inTurns()
  const inTurn = <T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> =>
    turns(async () => {
      await request.admitted()
      return work()
    })

  app.post(
    '/api/assistant',
    {
      config: { permission: 'viewer', sorts: true, verb: 'any' },
      schema: {
        summary:
          'A token for an assistant of who asks, for an hour: it reads, and what it asks for waits for a person',
        response: { 200: AssistantAnswer },
      },
    },
    request => inTurn(request, () => begin({ people, audit }, request.actor)),
  )

  app.delete(
    '/api/assistant',
    {
      config: { permission: 'viewer', sorts: true, verb: 'propose' },
      schema: { summary: 'Ends the token that asks', response: { 200: AssistantEnded } },
    },
    request =>
      inTurn(request, async () => {
        const { actor } = request
        if (!isAssistant(actor) || actor.id === null) throw none(actor)
        await people.revokeToken(actor.id.slice('token:'.length))
        return { ended: true as const }
      }),
  )
}

async function begin({ people, audit }: AssistantPorts, actor: Actor): Promise<AssistantAnswer> {
  const lent = lentBy(actor)
  if (lent === null) throw mixed(actor)
  const scope = { ...lent, verbs: [...OF_ASSISTANTS] }
  if (!mayLend(actor, rightsOf(scope))) throw narrow(actor)
  await forgetOld(people)
  const name = `assistant of ${await nameOf(people, actor)}`
  const { token, secret } = await people.addToken({ name, ...scope, expiresInDays: HOURS / 24 }, actor)
  await audit.write({
    actor: actor.name,
    action: 'assistant begin',
    detail: `${name} as ${sayRights(rightsOf(scope))}`,
  })
  return { name, secret, endsAt: token.expiresAt ?? iso(Date.now()) }
}

/** Whoever made a token asks with it. */
async function nameOf(people: People, { id, name }: Actor): Promise<string> {
  const token = (await people.tokens()).find(one => `token:${one.id}` === id)
  return token?.madeBy ?? name
}

/** Tokens of assistants whose command was killed. */
async function forgetOld(people: People): Promise<void> {
  const now = Date.now()
  for (const { id, verbs, expiresAt } of await people.tokens())
    if (isAssistant({ verbs }) && expiresAt !== null && Date.parse(expiresAt) < now)
      await people.revokeToken(id)
}

const mixed = (actor: Actor): Failure =>
  new Failure('assistant.rights', `${actor.name} has roles that one token cannot have`, {
    why: `a token has one role in all its apps, and ${actor.name} is ${sayRights(actor)}`,
    fix: '`inn token add NAME --app APP --may read --may propose` makes one for the apps of one role',
  })

const narrow = (actor: Actor): Failure =>
  new Failure('assistant.rights', `${actor.name} may not have an assistant`, {
    why: `an assistant reads and proposes, and ${actor.name} is ${sayRights(actor)}`,
    fix: '`inn token add NAME --may read --may propose` makes a token for one',
  })

const none = ({ name }: Actor): Failure =>
  new Failure('assistant.none', `${name} is no assistant`, {
    why: 'only the token of an assistant ends itself',
    fix: '`inn token remove NAME` ends another one',
  })
