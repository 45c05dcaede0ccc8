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
  /** What nobody else may change meanwhile, e.g. `app:shop`. */
  locks: readonly string[]
  /** All or nothing: undone backwards when one fails. `undo` runs for the failed step too, so it is safe at any time. */
  steps: ReadonlyArray<{ does: S; undo: S | null }>
  /** Past the point of no return: reported, never undone. */
  cleanup: readonly S[]
  /** To know before it runs. */
  notices: readonly string[]
}

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
