import type { Clock } from '../kernel/clock.ts'
import { describe, type Failure } from '../kernel/failure.ts'
import type { Journal, Phase, RowState, RunRow } from './journal.ts'
import type { Plan, Step } from './plan.ts'
import type { Outcome } from './wire.ts'

/** What a performer gets with its step. */
export interface StepContext {
  run: string
  actor: string
  /** Aborts when the run is cancelled. */
  signal: AbortSignal
  /** Shows a line of live output. */
  say(line: string): void
}

/** Does one step. The text that it returns becomes the step's note. Each step may run twice. */
export type Perform<S extends Step> = (step: S, context: StepContext) => Promise<string | void>

/** What each kind of step does; a missing one does not compile. */
export type Performers<S extends Step> = {
  [K in S['kind']]: (step: Extract<S, { kind: K }>, context: StepContext) => Promise<string | void>
}

/** Makes one performer out of one for each kind of step. */
export const performing =
  <S extends Step>(performers: Performers<S>): Perform<S> =>
  (step, context) =>
    (performers[step.kind as S['kind']] as Perform<S>)(step, context)

export type EngineEvent =
  | { type: 'run'; run: string }
  | { type: 'line'; run: string; phase: Phase; index: number; text: string }

/** What is needed to carry out a run. */
export interface Doing<S extends Step> {
  journal: Journal
  perform: Perform<S>
  clock: Clock
  emit(event: EngineEvent): void
  /** Called with an unexpected error of a step, for the log: the journal keeps only its message. */
  onDefect?: ((error: unknown, title: string) => void) | undefined
}

/** A run under way. `row`: its journal row when this process began or continued it. */
export interface Live<S extends Step> {
  id: string
  plan: Plan<S>
  actor: string
  abort: AbortController
  row: RunRow
  /** Why the step where the journal says the run is must not be tried again; null: it may. */
  deadly: Failure | null
}

/** Carries a run out to its end, from the step where the journal says it is. */
export function carryOut<S extends Step>(doing: Doing<S>, run: Live<S>): Promise<void> {
  if (run.row.state === 'undoing' && run.deadly !== null) return stuck(doing, run, run.deadly)
  if (run.row.state === 'undoing') return backward(doing, run, lastTouched(run.row))
  return run.row.state === 'cleaning' ? clean(doing, run) : forward(doing, run)
}

/** Does one step or undoes it. Resolves with the failure; null when there is none. */
async function one<S extends Step>(
  doing: Doing<S>,
  run: Live<S>,
  at: { phase: Phase; index: number; undo: boolean },
  step: S,
): Promise<Error | null> {
  const { phase, index, undo } = at
  const { journal, clock, emit } = doing
  const started = clock.now()
  const set = (state: RowState, note: string | null, ms: number | null) => {
    journal.step(run.id, { phase, index, state, ms, note })
    emit({ type: 'run', run: run.id })
  }
  set(undo ? 'undoing' : 'running', null, null)
  const context: StepContext = {
    run: run.id,
    actor: run.actor,
    signal: undo || phase === 'cleanup' ? new AbortController().signal : run.abort.signal,
    say: text => emit({ type: 'line', run: run.id, phase, index, text }),
  }
  try {
    context.signal.throwIfAborted()
    const note = await doing.perform(step, context)
    set(undo ? 'undone' : 'done', note ?? null, clock.now() - started)
    return null
  } catch (error) {
    if (error instanceof PowerCut) throw error
    if (describe(error).code === 'internal') doing.onDefect?.(error, `${run.plan.title}: ${step.kind}`)
    set('failed', describe(error).what, clock.now() - started)
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function forward<S extends Step>(doing: Doing<S>, run: Live<S>): Promise<void> {
  const { steps } = run.plan
  for (let index = next(run.row, 'steps'); index < steps.length; index++) {
    const failure = await one(doing, run, { phase: 'steps', index, undo: false }, steps[index]!.does)
    if (failure !== null) {
      doing.journal.state(run.id, 'undoing', describe(failure, run.plan.app))
      return backward(doing, run, index)
    }
  }
  doing.journal.state(run.id, 'cleaning', null)
  return clean(doing, run)
}

async function backward<S extends Step>(doing: Doing<S>, run: Live<S>, from: number): Promise<void> {
  for (let index = from; index >= 0; index--) {
    const undo = run.plan.steps[index]!.undo
    if (undo === null) continue
    const failure = await one(doing, run, { phase: 'steps', index, undo: true }, undo)
    if (failure !== null) return stuck(doing, run, failure)
  }
  return end(doing, run, 'undone', [])
}

function stuck<S extends Step>(doing: Doing<S>, run: Live<S>, failure: Error): Promise<void> {
  const told = describe(failure, run.plan.app)
  return end(doing, run, 'stuck', [`${told.what}: ${told.why}`, told.fix])
}

async function clean<S extends Step>(doing: Doing<S>, run: Live<S>): Promise<void> {
  const leftover: string[] = []
  let from = next(run.row, 'cleanup')
  if (run.deadly !== null && from < run.plan.cleanup.length) {
    const { message, fix } = run.deadly
    doing.journal.step(run.id, { phase: 'cleanup', index: from++, state: 'failed', ms: null, note: message })
    leftover.push(`${message}: ${fix}`)
  }
  for (let index = from; index < run.plan.cleanup.length; index++) {
    const failure = await one(doing, run, { phase: 'cleanup', index, undo: false }, run.plan.cleanup[index]!)
    if (failure === null) continue
    const told = describe(failure, run.plan.app)
    leftover.push(`${told.what}: ${told.fix}`)
  }
  return end(doing, run, leftover.length === 0 ? 'done' : 'done-but', leftover)
}

async function end<S extends Step>(
  { journal, clock }: Doing<S>,
  run: Live<S>,
  outcome: Outcome,
  leftover: string[],
): Promise<void> {
  journal.end(run.id, { outcome, leftover, endedAt: clock.now() })
}

/** Thrown by a test's journal or performer to stand for a power cut: nothing more is written. */
export class PowerCut extends Error {}

/** Index of the first step that is not done. A step that was interrupted runs again. */
function next(row: RunRow, phase: Phase): number {
  const rows = row.steps.filter(step => step.phase === phase)
  const open = rows.find(step => step.state !== 'done' && !(phase === 'cleanup' && step.state === 'failed'))
  return open?.index ?? rows.length
}

/** The index at which undoing goes on. Steps that were undone already are undone again, which each undo allows. */
function lastTouched(row: RunRow): number {
  return row.steps.filter(step => step.phase === 'steps' && step.state !== 'pending').length - 1
}
