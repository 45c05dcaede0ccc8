import type { FastifyRequest } from 'fastify'
import type { Journal } from '../engine/journal.ts'
import type { Plan } from '../engine/plan.ts'
import type { Views } from '../engine/view.ts'
import type { Approval, ChangeAnswer } from '../engine/wire-change.ts'
import type { Actor } from './actor.ts'
import type { Role } from './wire.ts'

/** Answers with the plan (`plan: true`), begins exactly this plan, or keeps it until people have approved it. */
export type Answer = (request: FastifyRequest, asked: { plan: boolean }, plan: Plan) => Promise<ChangeAnswer>

/** Who asks for a change that must be approved. */
export interface Asking extends Pick<Actor, 'id' | 'name'> {
  /** It is an assistant, so a person must approve in any case. */
  assistant: boolean
  /** The role that the change takes, and so whoever approves it. */
  role: Role
}

interface Options {
  view: Views
  journal: Pick<Journal, 'read'>
  /** Who began what. */
  audit: {
    write(row: {
      actor: string
      action: string
      app: string | null
      run: string | null
      detail: string
    }): Promise<unknown>
  }
  /** Begins the plan; runs that give way to it are cancelled first. Resolves with the id of the run. */
  begin(plan: Plan, actor: string): Promise<string>
  /** Keeps a plan that people must approve first. */
  ask(plan: Plan, who: Asking): Promise<Approval>
}

export const answering =
  ({ view, journal, audit, begin, ask }: Options): Answer =>
  async (request, asked, plan) => {
    if (asked.plan) return { plan: view.plan(plan) }
    if (request.proposes || (plan.approvals ?? 0) > 0) return { approval: await ask(plan, askingOf(request)) }
    const run = await begin(plan, request.actor.name)
    await audit.write({
      actor: request.actor.name,
      action: plan.kind,
      app: plan.app,
      run,
      detail: plan.title,
    })
    return { run: view.summary(journal.read(run)!), notices: [...plan.notices] }
  }

function askingOf({ actor: { id, name }, proposes, routeOptions }: FastifyRequest): Asking {
  // No route that begins a plan is open to everybody, or for Prometheus.
  return { id, name, assistant: proposes, role: routeOptions.config.permission as Role }
}
