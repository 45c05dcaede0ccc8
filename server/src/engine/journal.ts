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
  /** Milliseconds, once it ended. */
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
  /** Somebody asked for it to be taken back. */
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
  /** Opens the run with its locks, or names who holds one of them. */
  open(run: Pick<RunRow, 'id' | 'plan' | 'actor' | 'startedAt'>): LockRow | null
  step(run: string, row: StepRow): void
  state(run: string, state: RunState, failure: FailureJson | null): void
  cancel(run: string): void
  /** Ends the run and gives its locks back. */
  end(run: string, ended: { outcome: Outcome; leftover: string[]; endedAt: number }): void
  read(run: string): RunRow | null
  unfinished(): RunRow[]
}
