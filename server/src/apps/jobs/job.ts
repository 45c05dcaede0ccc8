import type { JobConfig } from '../../config/jobs.ts'

/** Which job. */
export interface JobId {
  app: string
  name: string
}

/** What is remembered of a job. Times are milliseconds since 1970. */
export interface JobState {
  /** Its schedule with its time zone, when moments were decided on last. */
  schedule: string
  /** Up to when every moment was decided on; null: it does not run by itself here. */
  decidedTo: number | null
  /** From when it is waited for; null: it is not, because it is paused or its app is stopped. */
  since: number | null
  /** The moment of the last run that ended well; null: none did. */
  goodAt: number | null
  /** The run that failed, since none ended well; null: all is well. */
  failed: string | null
  pausedAt: number | null
  pausedBy: string | null
}

/**
 * `due`: it begins in a moment. `waiting`: it begins when the run before has ended. `retrying`: it failed, and is tried
 * again. `stopped`: somebody ended it. `skipped`: it never began. `missed`: nobody was there at its time.
 */
export const RUN_STATES = [
  'due',
  'waiting',
  'running',
  'retrying',
  'done',
  'failed',
  'stopped',
  'skipped',
  'missed',
] as const
export type RunState = (typeof RUN_STATES)[number]

/** States of runs that have not ended. */
export const ACTIVE: readonly RunState[] = ['due', 'waiting', 'running', 'retrying']

/** Whether a run has not ended. */
export const goesOn = ({ state }: { state: RunState }): boolean => ACTIVE.includes(state)

/** Why there is a run: its time came, it is made up for, or somebody asked for it. */
export type Cause = 'schedule' | 'late' | 'person'

export interface JobRun {
  id: string
  app: string
  job: string
  /** The moment of the schedule, or when somebody asked for it. No two runs of a job have the same. */
  moment: number
  cause: Cause
  actor: string | null
  state: RunState
  /** In which release it was tried last. */
  release: string | null
  /** How often it was tried. */
  attempt: number
  /** When the last try began. */
  startedAt: number | null
  endedAt: number | null
  retryAt: number | null
  /** The exit status of the last try. */
  code: number | null
  /** What became of it, in words. */
  why: string | null
  /** Of moments that were missed together: the first, and how many. */
  first: number | null
  count: number
  /** Whether what it printed is kept. */
  kept: boolean
}

/** A job of what serves, as the current release says it. */
export interface Job extends JobId {
  config: JobConfig
  state: JobState
  /** Whether its app serves, or would when somebody asked for it. */
  awake: boolean
  /** Whether nobody is told of it. */
  preview: boolean
}

/** The schedule as one text, to see that it is another one. */
export const scheduleOf = ({ schedule, timezone }: Pick<JobConfig, 'schedule' | 'timezone'>): string =>
  `${schedule} ${timezone}`
