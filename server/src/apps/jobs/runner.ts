import type { Hidden } from '../../kernel/hide.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import type { Ended } from './rule.ts'

/** One try of a run. */
export interface Try {
  app: string
  run: string
  attempt: number
}

/** What is started. */
export interface JobProgram {
  argv: readonly string[]
  cwd: string
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  confinement: Confinement
  timeoutMs: number
  /** From the signal that tells it to end to the one that kills it. */
  graceMs: number
  /** Most memory of all its processes together; null: no bound of its own. */
  memoryBytes: number | null
  /** Values that do not stand in its output. */
  hidden: Hidden
}

/** `none`: it did not begin. Times are milliseconds since 1970. */
export type TryState =
  | { state: 'none' }
  | { state: 'running'; startedAt: number }
  | { state: 'ended'; startedAt: number; endedAt: number; ended: Ended }

/** A piece of what a run printed. */
export interface Piece {
  bytes: Buffer
  /** Where it begins: bytes before it that are there no more are left out. */
  from: number
  /** Where the next one begins. */
  next: number
}

/** The port to the programs of jobs, which run on when the keeper does not run. */
export interface JobRunner {
  /** Starts a try as a process of its own. A try that was begun before is left alone, so this may be called again. Failure `exec.missing`. */
  start(one: Try, program: JobProgram): Promise<void>
  state(one: Try): Promise<TryState>
  /** Tells a run to end; it is killed when it does not within its grace time. Resolves at once. */
  stop(run: Omit<Try, 'attempt'>): Promise<void>
  /** What a run printed, from a byte on, in all its tries. Of much output beginning and end are kept. */
  output(run: Omit<Try, 'attempt'>, from: number): Promise<Piece>
  /** Removes what is kept of a run; its programs must have ended. */
  forget(run: Omit<Try, 'attempt'>): Promise<void>
  /** Runs of which something is kept. */
  kept(): Promise<Array<Omit<Try, 'attempt'>>>
}
