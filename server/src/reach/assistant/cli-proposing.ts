import { z } from 'zod'
import { AppName } from '../../api/wire.ts'
import { Colour } from '../../apps/app/wire.ts'
import { at } from '../../cli/client.ts'
import { Approval, type ChangeAnswer } from '../../engine/wire-change.ts'
import { Failure } from '../../kernel/failure.ts'
import { type Tool, tool } from './cli-tool.ts'

const ofApp = z.object({ app: AppName.describe('what the app is called: shop, or shop@staging') })

/** Of what is kept. */
const Proposal = Approval.pick({
  ...{ id: true, app: true, digest: true, plan: true },
  ...{ askedBy: true, assistant: true, role: true, state: true },
})

interface Change<I extends z.ZodObject> {
  verb: string
  about: string
  takes: I
  path(given: z.output<I>): string
  body?(given: z.output<I>): object
}

/** A change that an assistant may ask for. */
function proposal<I extends z.ZodObject>({ verb, about, takes, path, body }: Change<I>): Tool {
  return tool({
    ...{ name: `propose_${verb}`, title: `Propose: ${verb}`, proposes: true, takes },
    about: `${about} Nothing begins by this: it answers the plan, which a person approves or refuses.`,
    answers: z.object({
      proposal: Proposal,
      next: z.string().describe('who approves it, and how'),
    }),
    async ask(client, given) {
      const answer = await client.post<ChangeAnswer>(path(given), { plan: false, ...body?.(given) })
      if (!('approval' in answer)) throw begun(verb)
      return { proposal: answer.approval, next: nextOf(answer.approval) }
    },
  })
}

const nextOf = ({ id, app, role, needed, endsAt }: Approval): string =>
  `Nothing has begun. ${needed === 1 ? 'A person' : `${needed} people`} with the role ${role} in ${app} must approve exactly this plan by ${endsAt}: on the server with inn approvals approve ${id}, or on the first page of the dashboard. read_proposals says what became of it.`

/** The keeper asks a person before whatever an assistant wants, so this is another keeper, or a defect. */
const begun = (verb: string): Failure =>
  new Failure('assistant.begun', `the keeper did not keep the plan of ${verb} for a person`, {
    why: 'it answered with something else than a proposal',
    fix: '`inn history` shows whether something began; `inn version` whether both are of one version',
  })

/** Changes of an app that take nothing but its name. */
const plain = (verb: string, about: string): Tool =>
  proposal({ verb, about, takes: ofApp, path: ({ app }) => at`/api/apps/${app}/${verb}` })

/** Tools that ask for a change. */
export const PROPOSING: readonly Tool[] = [
  plain('restart', 'Start the release that serves afresh, without a failed request.'),
  plain('stop', 'Stop an app: visitors get 503 until it is started.'),
  plain('start', 'Start an app that was stopped.'),
  proposal({
    verb: 'rollback',
    about: 'Return to the release before, or to a named one.',
    takes: ofApp.extend({
      release: z.string().max(40).optional().describe('e.g. r12; read_releases lists them'),
    }),
    path: ({ app }) => at`/api/apps/${app}/rollback`,
    body: ({ release }) => ({ release }),
  }),
  proposal({
    verb: 'switch',
    about: 'Send traffic to the other colour, while that is kept warm.',
    takes: ofApp.extend({ colour: Colour }),
    path: ({ app }) => at`/api/apps/${app}/switch`,
    body: ({ colour }) => ({ colour }),
  }),
  proposal({
    verb: 'scale',
    about: 'Run more or fewer instances of services.',
    takes: ofApp.extend({
      instances: z
        .record(z.string().max(64), z.number().int().min(0).max(64))
        .describe('service → instances'),
    }),
    path: ({ app }) => at`/api/apps/${app}/scale`,
    body: ({ instances }) => ({ instances }),
  }),
  proposal({
    verb: 'backup',
    about: 'Make a restore point of an app now.',
    takes: ofApp,
    path: () => '/api/backups',
    body: ({ app }) => ({ app }),
  }),
  proposal({
    verb: 'drill',
    about: 'Rehearse a restore on a copy that nobody else sees.',
    takes: ofApp.extend({
      point: z.string().max(63).optional().describe('default: the newest that is complete'),
    }),
    path: ({ app }) => at`/api/apps/${app}/drill`,
    body: ({ point }) => ({ point }),
  }),
  proposal({
    verb: 'restore',
    about:
      'Bring the data of an app back as it was at a moment or a restore point. What was written since then is put aside. It takes an admin.',
    takes: ofApp.extend({
      to: z.string().max(64).optional().describe('a moment: 2026-11-20 10:00Z, 30m ago'),
      point: z.string().max(63).optional().describe('the name of a restore point, in the place of `to`'),
    }),
    path: ({ app }) => at`/api/apps/${app}/restore`,
    body: ({ to, point }) => ({ to, point }),
  }),
]
