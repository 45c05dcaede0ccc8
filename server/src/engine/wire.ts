import { z } from 'zod'
import { Failure } from '../kernel/wire.ts'

export const StepState = z.enum(['pending', 'running', 'done', 'failed', 'undoing', 'undone'])

export const RunStep = z.object({
  index: z.number().int(),
  /** `cleanup`: past the point of no return. Its failures are reported, never undone. */
  phase: z.enum(['steps', 'cleanup']),
  kind: z.string(),
  title: z.string(),
  /** What undoing this step would do; null when there is nothing to undo. */
  undo: z.string().nullable(),
  state: StepState,
  ms: z.number().nullable(),
  /** What the step found or did, in one line. */
  note: z.string().nullable(),
})
export type RunStep = z.infer<typeof RunStep>

/**
 * `done`: everything was done. `done-but`: the change holds, but something is left over (`leftover`).
 * `undone`: it failed or was cancelled, and everything is as before. `stuck`: a person must act (`leftover` says how).
 */
export const Outcome = z.enum(['done', 'done-but', 'undone', 'stuck'])
export type Outcome = z.infer<typeof Outcome>

export const Run = z.object({
  id: z.string(),
  kind: z.string().meta({ examples: ['deploy', 'rollback', 'switch'] }),
  title: z.string(),
  app: z.string().nullable(),
  release: z.string().nullable(),
  actor: z.string(),
  state: z.enum(['running', 'undoing', 'cleaning', 'ended']),
  outcome: Outcome.nullable(),
  failure: Failure.nullable(),
  leftover: z.array(z.string()),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  ms: z.number().nullable(),
  steps: z.array(RunStep),
})
export type Run = z.infer<typeof Run>

/** A run without its steps, for lists. */
export const RunSummary = Run.omit({ steps: true })
export type RunSummary = z.infer<typeof RunSummary>

/** What a plan would do, before anything is done. */
export const PlanView = z.object({
  title: z.string(),
  /** How many people must approve it before it begins; left out: nobody. */
  approvals: z.number().int().optional(),
  steps: z.array(z.object({ title: z.string(), undo: z.string().nullable() })),
  cleanup: z.array(z.string()),
  /** What a person should know before it runs: migrations since then, HTML health answers, … */
  notices: z.array(z.string()),
})
export type PlanView = z.infer<typeof PlanView>

/** One line of a run's event stream (server-sent events, `data:` is this as JSON). */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run: Run }),
  z.object({
    type: z.literal('line'),
    run: z.string(),
    phase: z.enum(['steps', 'cleanup']),
    index: z.number().int(),
    text: z.string(),
  }),
])
export type RunEvent = z.infer<typeof RunEvent>
