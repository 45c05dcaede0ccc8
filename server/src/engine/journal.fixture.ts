import type { RunRow } from './journal.ts'
import type { Plan } from './plan.ts'

/** The row of a run of this plan as the journal has it right after anna began it; no step has begun. */
export const begunRow = (plan: Plan, id = 'run-1'): RunRow => ({
  id,
  plan,
  actor: 'anna',
  state: 'running',
  outcome: null,
  failure: null,
  leftover: [],
  cancelled: false,
  startedAt: 0,
  endedAt: null,
  steps: [],
})
