import type { Clock } from '../kernel/clock.ts'
import { describe, Failure } from '../kernel/failure.ts'
import type { Journal, LockRow, Phase, RowState, RunRow } from './journal.ts'
import type { Plan, Step } from './plan.ts'
import type { Outcome } from './wire.ts'

/** What a step gets while it is performed. */
export interface StepContext {
  run: string
  actor: string
  /** Aborts when the run is cancelled. */
  signal: AbortSignal
  /** A line of live output. */
  say(line: string): void
}

/** Does one step; the text it returns is kept as the step's note. Each step may run twice. */
export type Perform<S extends Step> = (step: S, context: StepContext) => Promise<string | void>

/** What each kind of step does; a missing one does not compile. */
export type Performers<S extends Step> = {
  [K in S['kind']]: (step: Extract<S, { kind: K }>, context: StepContext) => Promise<string | void>
}

/** Does each step by what is said of its kind. */
export const performing =
  <S extends Step>(performers: Performers<S>): Perform<S> =>
  (step, context) =>
    (performers[step.kind as S['kind']] as Perform<S>)(step, context)

export type EngineEvent =
  | { type: 'run'; run: string }
  | { type: 'line'; run: string; phase: Phase; index: number; text: string }

export interface Engine<S extends Step> {
  /** Takes the plan's locks and begins; Failure `run.locked` says who holds one. */
  start(plan: Plan<S>, actor: string): string
  /** Goes on with every run that a stop of the process cut off. */
  resume(): string[]
  /** Undoes a run that is still before its point of no return; false when it is past it. */
  cancel(run: string): boolean
  /** Whether a run is under way. */
  busy(): boolean
  /** Resolves when the run has ended. */
  ended(run: string): Promise<Outcome>
  on(listener: (event: EngineEvent) => void): () => void
}

interface Options<S extends Step> {
  journal: Journal
  perform: Perform<S>
  clock: Clock
  newId: () => string
  /** Told of what a step threw that nobody foresaw, with its stack: the journal keeps the sentence alone. */
  onDefect?: (error: unknown, title: string) => void
}

interface Live<S extends Step> {
  id: string
  plan: Plan<S>
  actor: string
  abort: AbortController
  row: RunRow
}

/** The only code that changes a server: takes a plan's steps one after the other, journaled before and after each. */
export function createEngine<S extends Step>(options: Options<S>): Engine<S> {
  const { journal, perform, clock, newId } = options
  const live = new Map<string, Live<S>>()
  const endings = new Map<string, Promise<Outcome>>()
  const listeners = new Set<(event: EngineEvent) => void>()
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event)
  }

  async function one(
    run: Live<S>,
    at: { phase: Phase; index: number; undo: boolean },
    step: S,
  ): Promise<Error | null> {
    const { phase, index, undo } = at
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
      const note = await perform(step, context)
      set(undo ? 'undone' : 'done', note ?? null, clock.now() - started)
      return null
    } catch (error) {
      if (error instanceof PowerCut) throw error
      if (describe(error).code === 'internal') options.onDefect?.(error, `${run.plan.title}: ${step.kind}`)
      set('failed', describe(error).what, clock.now() - started)
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async function forward(run: Live<S>): Promise<void> {
    const { steps } = run.plan
    for (let index = next(run.row, 'steps'); index < steps.length; index++) {
      const failure = await one(run, { phase: 'steps', index, undo: false }, steps[index]!.does)
      if (failure !== null) {
        journal.state(run.id, 'undoing', describe(failure))
        return backward(run, index)
      }
    }
    journal.state(run.id, 'cleaning', null)
    return clean(run)
  }

  async function backward(run: Live<S>, from: number): Promise<void> {
    for (let index = from; index >= 0; index--) {
      const undo = run.plan.steps[index]!.undo
      if (undo === null) continue
      const failure = await one(run, { phase: 'steps', index, undo: true }, undo)
      if (failure !== null) {
        const told = describe(failure)
        return end(run, 'stuck', [`${told.what}: ${told.why}`, told.fix])
      }
    }
    return end(run, 'undone', [])
  }

  async function clean(run: Live<S>): Promise<void> {
    const leftover: string[] = []
    for (let index = next(run.row, 'cleanup'); index < run.plan.cleanup.length; index++) {
      const failure = await one(run, { phase: 'cleanup', index, undo: false }, run.plan.cleanup[index]!)
      if (failure !== null) leftover.push(`${describe(failure).what}: ${describe(failure).fix}`)
    }
    return end(run, leftover.length === 0 ? 'done' : 'done-but', leftover)
  }

  async function end(run: Live<S>, outcome: Outcome, leftover: string[]): Promise<void> {
    journal.end(run.id, { outcome, leftover, endedAt: clock.now() })
    live.delete(run.id)
    emit({ type: 'run', run: run.id })
  }

  function launch(row: RunRow): void {
    const run: Live<S> = {
      id: row.id,
      plan: row.plan as Plan<S>,
      actor: row.actor,
      abort: new AbortController(),
      row,
    }
    if (row.cancelled) run.abort.abort(cancelled(row.plan.title))
    live.set(run.id, run)
    const going =
      row.state === 'undoing'
        ? backward(run, lastTouched(row))
        : row.state === 'cleaning'
          ? clean(run)
          : forward(run)
    const ending = going.then(() => journal.read(run.id)!.outcome!)
    endings.set(run.id, ending)
    // What has ended is known by the journal; only what it could not write down is remembered here.
    ending.then(
      () => endings.delete(run.id),
      () => live.delete(run.id),
    )
  }

  return {
    start(plan, actor) {
      const id = newId()
      const holder = journal.open({ id, plan, actor, startedAt: clock.now() })
      if (holder !== null) throw locked(holder, journal.read(holder.run), clock.now())
      launch(journal.read(id)!)
      return id
    },
    resume() {
      const rows = journal.unfinished().filter(row => !live.has(row.id))
      for (const row of rows) launch(row)
      return rows.map(row => row.id)
    },
    cancel(id) {
      const run = live.get(id)
      if (run === undefined || journal.read(id)?.state !== 'running') return false
      journal.cancel(id)
      run.abort.abort(cancelled(run.plan.title))
      return true
    },
    busy: () => live.size > 0,
    ended(id) {
      const known = endings.get(id)
      if (known !== undefined) return known
      const outcome = journal.read(id)?.outcome
      if (outcome != null) return Promise.resolve(outcome)
      return Promise.reject(
        new Failure('run.unknown', `there is no run ${id}`, {
          why: 'the journal does not hold it',
          fix: 'inn releases lists the runs',
        }),
      )
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Thrown by a test's journal or performer: the process is gone, nothing more is written. */
export class PowerCut extends Error {}

/** The first step that has not ended well; a step cut off half-way runs again. */
function next(row: RunRow, phase: Phase): number {
  const rows = row.steps.filter(step => step.phase === phase)
  const open = rows.find(step => step.state !== 'done' && !(phase === 'cleanup' && step.state === 'failed'))
  return open?.index ?? rows.length
}

/** Where undoing goes on: undone steps run again rather than be skipped, each undo being safe at any time. */
function lastTouched(row: RunRow): number {
  return row.steps.filter(step => step.phase === 'steps' && step.state !== 'pending').length - 1
}

function cancelled(title: string): Failure {
  return new Failure('run.cancelled', `${title} was cancelled`, {
    why: 'somebody asked for it to be taken back',
    fix: 'nothing to do: everything is as it was before',
  })
}

function locked(holder: LockRow, run: RunRow | null, now: number): Failure {
  const seconds = Math.round((now - holder.since) / 1000)
  return new Failure('run.locked', `${holder.name.replace(':', ' ')} is being changed by another run`, {
    why: `${run?.actor ?? 'somebody'} began "${run?.plan.title ?? holder.run}" ${seconds} s ago`,
    fix: `wait for it (--wait does that), or take it back in the terminal where it runs, or: inn cancel ${holder.run}`,
    facts: { run: holder.run, since: new Date(holder.since).toISOString(), actor: run?.actor },
  })
}
