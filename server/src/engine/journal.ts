import type { FailureJson } from '../kernel/failure.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './wire.ts'

export type Phase = 'steps' | 'cleanup'
export type RunState = 'running' | 'undoing' | 'cleaning' | 'ended'
export type RowState = 'pending' | 'running' | 'done' | 'failed' | 'undoing' | 'undone'

export interface StepRow {
  phase: Phase
  index: number
  state: RowState
  /** How long the step took, in milliseconds; null until it has ended. */
  ms: number | null
  note: string | null
}

export interface RunRow {
  id: string
  plan: Plan
  actor: string
  state: RunState
  outcome: Outcome | null
  failure: FailureJson | null
  leftover: string[]
  /** Somebody asked to cancel the run. */
  cancelled: boolean
  startedAt: number
  endedAt: number | null
  steps: StepRow[]
}

export interface LockRow {
  name: string
  run: string
  since: number
}

/** The engine's memory: each call is durable when it returns. */
export interface Journal {
  /** Opens the run and takes its locks, all or none. Returns a lock that another run holds; null: the run is open. */
  open(run: Pick<RunRow, 'id' | 'plan' | 'actor' | 'startedAt'>): LockRow | null
  step(run: string, row: StepRow): void
  state(run: string, state: RunState, failure: FailureJson | null): void
  cancel(run: string): void
  /** The run goes on in a new process. Returns how often in a row the one before died at the step where the run is. */
  resumed(run: string): number
  /** The process is about to end in order: that is no death. */
  rested(): void
  /** Ends the run and releases its locks. */
  end(run: string, ended: { outcome: Outcome; leftover: string[]; endedAt: number }): void
  read(run: string): RunRow | null
  unfinished(): RunRow[]
}
