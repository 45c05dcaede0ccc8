import type { FastifyRequest } from 'fastify'
import type { Plan } from '../engine/plan.ts'
import type { ChangeAnswer } from '../engine/wire-change.ts'
import type { ApiPorts } from './ports.ts'

/** Shows the plan, or begins it: what was asked decides, and what is shown is what runs. */
export async function begin(
  ports: ApiPorts,
  request: FastifyRequest,
  asked: { plan: boolean },
  plan: Plan,
): Promise<ChangeAnswer> {
  if (asked.plan) return { plan: ports.view.plan(plan) }
  const run = await ports.begin(plan, request.actor.name)
  await ports.audit.write({
    actor: request.actor.name,
    action: plan.kind,
    app: plan.app,
    run,
    detail: plan.title,
  })
  return { run: ports.view.summary(ports.journal.read(run)!), notices: [...plan.notices] }
}
