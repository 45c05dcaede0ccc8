import { iso } from '../kernel/moments.ts'
import type { RunRow } from './journal.ts'
import { type Plan, type Sentences, type Step, sentence } from './plan.ts'
import type { PlanView, Run, RunSummary } from './wire.ts'

export interface Views {
  /** A plan as it is shown before it runs, with the same sentences as in the run. */
  plan(plan: Plan): PlanView
  summary(row: RunRow): RunSummary
  run(row: RunRow): Run
}

/** How plans and runs are shown, in the sentences of their steps. */
export function views<S extends Step>(sentences: Sentences<S>): Views {
  const say = (step: Step): string => sentence(sentences, step as S)
  return {
    plan: plan => ({
      title: plan.title,
      ...(plan.approvals === undefined ? {} : { approvals: plan.approvals }),
      steps: plan.steps.map(({ does, undo }) => ({
        title: say(does),
        undo: undo === null ? null : say(undo),
      })),
      cleanup: plan.cleanup.map(say),
      notices: [...plan.notices],
    }),
    summary,
    run: row => ({
      ...summary(row),
      steps: row.steps.map(step => {
        const pair =
          step.phase === 'steps'
            ? row.plan.steps[step.index]!
            : { does: row.plan.cleanup[step.index]!, undo: null }
        return {
          index: step.index,
          phase: step.phase,
          kind: pair.does.kind,
          title: say(pair.does),
          undo: pair.undo === null ? null : say(pair.undo),
          state: step.state,
          ms: step.ms,
          note: step.note,
        }
      }),
    }),
  }
}

function summary(row: RunRow): RunSummary {
  return {
    id: row.id,
    kind: row.plan.kind,
    title: row.plan.title,
    app: row.plan.app,
    release: row.plan.release,
    actor: row.actor,
    state: row.state,
    outcome: row.outcome,
    failure: row.failure === null ? null : { ...row.failure, facts: { ...row.failure.facts } },
    leftover: row.leftover,
    startedAt: iso(row.startedAt),
    endedAt: row.endedAt === null ? null : iso(row.endedAt),
    ms: row.endedAt === null ? null : row.endedAt - row.startedAt,
  }
}
