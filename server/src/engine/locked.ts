import { Failure } from '../kernel/failure.ts'
import type { Engine } from './engine.ts'
import type { Plan, Step } from './plan.ts'

/** Whether an error says that another run holds a lock of the plan. */
export const isLocked = (error: unknown): error is Failure =>
  error instanceof Failure && error.code === 'run.locked'

/** Starts a plan for the keeper itself. False: another run holds a lock of the plan; the next tick tries again. */
export function startUnlessLocked<S extends Step>(engine: Pick<Engine<S>, 'start'>, plan: Plan<S>): boolean {
  try {
    engine.start(plan, 'keeper')
    return true
  } catch (error) {
    if (!isLocked(error)) throw error
    return false
  }
}
