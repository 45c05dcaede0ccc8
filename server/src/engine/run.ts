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

/** Does the work of a step, and has its failure noted. One that was cancelled showed nothing, so nothing is noted of it. */
export async function noting<T>(
  { signal }: Pick<StepContext, 'signal'>,
  work: () => Promise<T>,
  note: (error: unknown) => Promise<void>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    await note(error)
    throw error
  }
}

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
  /** The step that was begun last. */
  at: { phase: Phase; index: number }
  /** Why the step where the journal says the run is must not be tried again; null: it may. */
  deadly: Failure | null
}

/** How long it is waited before the journal is written again, in milliseconds. */
const AGAIN_MS = 1_000

/**
 * Writes to the journal. On a full disk it is tried until there is room: a run that went on would not know after a power
 * cut where it is, and one that ended here would keep its locks.
 */
async function journaled<S extends Step>(doing: Doing<S>, run: Live<S>, write: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      write()
      return doing.emit({ type: 'run', run: run.id })
    } catch (error) {
      if (describe(error).code !== 'disk.full') throw error
      const text = 'the disk is full, and the journal cannot be written: this waits for room'
      if (tries === 0) doing.emit({ type: 'line', run: run.id, ...run.at, text })
      await doing.clock.sleep(AGAIN_MS)
    }
  }
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
  const { clock, emit } = doing
  const started = clock.now()
  run.at = { phase, index }
  const set = (state: RowState, note: string | null, ms: number | null) =>
    journaled(doing, run, () => doing.journal.step(run.id, { phase, index, state, ms, note }))
  await set(undo ? 'undoing' : 'running', null, null)
  const context: StepContext = {
    run: run.id,
    actor: run.actor,
    signal: undo || phase === 'cleanup' ? new AbortController().signal : run.abort.signal,
    say: text => emit({ type: 'line', run: run.id, phase, index, text }),
  }
  const { note, failure } = await attempt(doing, run, step, context)
  const state = failure !== null ? 'failed' : undo ? 'undone' : 'done'
  await set(state, failure === null ? note : describe(failure).what, clock.now() - started)
  return failure
}

async function attempt<S extends Step>(
  { perform, onDefect }: Doing<S>,
  run: Live<S>,
  step: S,
  context: StepContext,
): Promise<{ note: string | null; failure: Error | null }> {
  try {
    context.signal.throwIfAborted()
    return { note: (await perform(step, context)) ?? null, failure: null }
  } catch (error) {
    if (error instanceof PowerCut) throw error
    if (describe(error).code === 'internal') onDefect?.(error, `${run.plan.title}: ${step.kind}`)
    return { note: null, failure: error instanceof Error ? error : new Error(String(error)) }
  }
}

async function forward<S extends Step>(doing: Doing<S>, run: Live<S>): Promise<void> {
  const { steps } = run.plan
  for (let index = next(run.row, 'steps'); index < steps.length; index++) {
    const failure = await one(doing, run, { phase: 'steps', index, undo: false }, steps[index]!.does)
    if (failure !== null) {
      const told = describe(failure, run.plan.app)
      await journaled(doing, run, () => doing.journal.state(run.id, 'undoing', told))
      return backward(doing, run, index)
    }
  }
  await journaled(doing, run, () => doing.journal.state(run.id, 'cleaning', null))
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
    const row = { phase: 'cleanup', index: from++, state: 'failed', ms: null, note: message } as const
    await journaled(doing, run, () => doing.journal.step(run.id, row))
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

function end<S extends Step>(
  doing: Doing<S>,
  run: Live<S>,
  outcome: Outcome,
  leftover: string[],
): Promise<void> {
  const endedAt = doing.clock.now()
  return journaled(doing, run, () => doing.journal.end(run.id, { outcome, leftover, endedAt }))
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
