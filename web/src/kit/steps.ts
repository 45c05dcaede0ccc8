import type { PlanView, RunStep } from '../../../server/src/engine/wire.ts'

/** The steps of a plan as those of a run that has not begun, so that both are shown the same way. */
export function stepsOf(plan: PlanView): RunStep[] {
  const blank = { kind: '', state: 'pending' as const, ms: null, note: null }
  return [
    ...plan.steps.map((step, index) => ({ ...blank, ...step, index, phase: 'steps' as const })),
    ...plan.cleanup.map((title, index) => ({
      ...blank,
      title,
      undo: null,
      index,
      phase: 'cleanup' as const,
    })),
  ]
}

export const stepKey = (step: Pick<RunStep, 'phase' | 'index'>): string => `${step.phase} ${step.index}`

export const underWay = (step: RunStep): boolean => step.state === 'running' || step.state === 'undoing'
