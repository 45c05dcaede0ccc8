import type { PlanView, Run, RunSummary } from '../../../contract/run.ts'
import type { RunRow } from '../engine/journal.ts'
import { type Plan, sentence } from '../engine/plan.ts'
import { type DeployStep, sentences } from './step.ts'

const say = (step: DeployStep): string => sentence(sentences, step)
const iso = (ms: number): string => new Date(ms).toISOString()

/** A plan as it is shown before it runs: the same sentences that the run will carry. */
export const planView = (plan: Plan<DeployStep>): PlanView => ({
  title: plan.title,
  steps: plan.steps.map(({ does, undo }) => ({ title: say(does), undo: undo === null ? null : say(undo) })),
  cleanup: plan.cleanup.map(say),
  notices: [...plan.notices],
})

export function runSummary(row: RunRow): RunSummary {
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

export function runView(row: RunRow): Run {
  const plan = row.plan as Plan<DeployStep>
  return {
    ...runSummary(row),
    steps: row.steps.map(step => {
      const pair =
        step.phase === 'steps' ? plan.steps[step.index]! : { does: plan.cleanup[step.index]!, undo: null }
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
  }
}
