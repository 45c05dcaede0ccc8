import { z } from 'zod'
import { PlanView, RunSummary } from './wire.ts'

/** A change without further options. `plan: true` answers what it would do, and does nothing. */
export const PlainRequest = z.object({ plan: z.boolean().default(false) })

/** With `plan`: the plan; without: the run that has begun. */
export const ChangeAnswer = z.union([
  z.object({ plan: PlanView }),
  z.object({ run: RunSummary, notices: z.array(z.string()) }),
])
export type ChangeAnswer = z.infer<typeof ChangeAnswer>
