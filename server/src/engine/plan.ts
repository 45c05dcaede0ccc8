/**
 * What is going to be done, as data: shown, asked about, journaled, run and reported from this one value.
 * Two lists, because past the point of no return an undo would send traffic to what was just stopped.
 */
export interface Plan<S extends Step = Step> {
  /** deploy, rollback, … */
  kind: string
  title: string
  app: string | null
  release: string | null
  /** Locks that the run holds, e.g. `app:shop`: no other run changes these meanwhile. */
  locks: readonly string[]
  /** All or nothing: when one fails, they are undone backwards. The failed step is undone too, so each undo must be safe at any time. */
  steps: ReadonlyArray<{ does: S; undo: S | null }>
  /** Steps past the point of no return: a failure is reported, nothing is undone. */
  cleanup: readonly S[]
  /** Sentences that a person should read before the plan runs. */
  notices: readonly string[]
  /** How many people must approve it before it begins, besides who asks for it; left out: nobody. */
  approvals?: number
}

/** Whether a plan has nothing to do. */
export const isEmpty = (plan: { steps: readonly unknown[]; cleanup: readonly unknown[] }): boolean =>
  plan.steps.length + plan.cleanup.length === 0

export interface Step {
  kind: string
}

/** One sentence for each kind of step; a missing one does not compile. */
export type Sentences<S extends Step> = { [K in S['kind']]: (step: Extract<S, { kind: K }>) => string }

/** The sentence of one step. */
export function sentence<S extends Step>(sentences: Sentences<S>, step: S): string {
  const say = sentences[step.kind as S['kind']] as (step: S) => string
  return say(step)
}
