import { z } from 'zod'
import { PlanView, RunSummary } from './wire.ts'

/** A change without further options. `plan: true` answers what it would do, and does nothing. */
export const PlainRequest = z.object({ plan: z.boolean().default(false) })

/** A change that waits until people have approved exactly its plan. */
export const Approval = z.object({
  id: z.string(),
  app: z.string(),
  /** Of the plan. Whoever approves names it, so that nobody approves another plan than the one they saw. */
  digest: z.string(),
  plan: PlanView,
  askedBy: z.string(),
  assistant: z.boolean().meta({ description: 'an assistant asks, for the person that it is named after' }),
  role: z.enum(['viewer', 'operator', 'admin']).meta({ description: 'what approving takes, in this app' }),
  askedAt: z.iso.datetime(),
  /** When it is given up. */
  endsAt: z.iso.datetime(),
  needed: z.number().int(),
  approvedBy: z.array(z.string()),
  state: z.enum(['waiting', 'begun', 'refused', 'expired']),
  refusedBy: z.string().nullable(),
  /** The run that it began. */
  run: z.string().nullable(),
})
export type Approval = z.infer<typeof Approval>

/** With `plan`: the plan; without: the run that has begun, or what must be approved before it begins. */
export const ChangeAnswer = z.union([
  z.object({ plan: PlanView }),
  z.object({ run: RunSummary, notices: z.array(z.string()) }),
  z.object({ approval: Approval }),
])
export type ChangeAnswer = z.infer<typeof ChangeAnswer>
