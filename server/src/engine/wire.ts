import { z } from 'zod'
import { Failure } from '../kernel/wire.ts'

export const StepState = z.enum(['pending', 'running', 'done', 'failed', 'undoing', 'undone'])

export const RunStep = z.object({
  index: z.number().int(),
  /** `cleanup` is past the point of no return: reported, never undone. */
  phase: z.enum(['steps', 'cleanup']),
  kind: z.string(),
  title: z.string(),
  /** What taking it back would do; null when there is nothing to take back. */
  undo: z.string().nullable(),
  state: StepState,
  ms: z.number().nullable(),
  /** What it found or did, in one line. */
  note: z.string().nullable(),
})
export type RunStep = z.infer<typeof RunStep>

/**
 * `done`: all of it. `done-but`: it holds, something is left over (`leftover`).
 * `undone`: it failed and everything is as before. `stuck`: a person must act (`leftover` says how).
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
  steps: z.array(z.object({ title: z.string(), undo: z.string().nullable() })),
  cleanup: z.array(z.string()),
  /** Things to know before it runs: migrations since, HTML health answers, … */
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
