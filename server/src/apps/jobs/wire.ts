import { z } from 'zod'

/** One run of a job as people see it. Times are ISO. */
export const JobRunView = z.object({
  id: z.string(),
  state: z.enum(['due', 'waiting', 'running', 'retrying', 'done', 'failed', 'stopped', 'skipped', 'missed']),
  /** The moment of the schedule, or when somebody asked for it; of moments that were missed together, the last. */
  moment: z.string(),
  /** late: made up for after its time. */
  cause: z.enum(['schedule', 'late', 'person']),
  actor: z.string().nullable(),
  release: z.string().nullable(),
  /** How often it was tried. */
  attempt: z.number(),
  /** Of the last try. */
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** When it is tried again. */
  retryAt: z.string().nullable(),
  /** Milliseconds that the last try took. */
  ms: z.number().nullable(),
  /** The exit status of the last try; null: it has none. */
  code: z.number().nullable(),
  /** What became of it, where it did not end well. */
  why: z.string().nullable(),
  /** The first of moments that were missed together, and how many they are. */
  first: z.string().nullable(),
  count: z.number(),
  /** Whether what it printed is kept. */
  kept: z.boolean(),
})
export type JobRunView = z.infer<typeof JobRunView>

/** A job as people see it. */
export const JobView = z.object({
  app: z.string(),
  name: z.string(),
  /** off: it does not run by itself in this environment. stopped: its app is. late: no run ended well in time. new: it never ran. */
  state: z.enum(['running', 'waiting', 'paused', 'off', 'stopped', 'failed', 'late', 'ok', 'new']),
  schedule: z.string(),
  timezone: z.string(),
  command: z.array(z.string()),
  next: z.string().nullable(),
  /** The moment of which no run ended well in time. */
  late: z.string().nullable(),
  paused: z.object({ at: z.string(), by: z.string() }).nullable(),
  /** The newest runs, the newest first. */
  runs: z.array(JobRunView),
  timeoutMs: z.number(),
  memoryBytes: z.number().nullable(),
  overlap: z.enum(['skip', 'wait']),
  missed: z.enum(['run-once', 'skip']),
  retries: z.number(),
  /** How long after its time it must have ended well; null: nobody waits for it. */
  expectMs: z.number().nullable(),
  level: z.enum(['warning', 'critical']),
  /** What whoever asks may do with it now. */
  can: z.array(z.enum(['run', 'stop', 'pause', 'resume'])),
})
export type JobView = z.infer<typeof JobView>

/** A piece of what a run printed. `from`: where it begins; bytes between the one before and this are kept no more. */
export const JobOutput = z.object({
  /** In base64, because a piece may end within a letter. */
  bytes: z.string(),
  from: z.number(),
  next: z.number(),
  /** Whether the run has ended; then an empty piece is the end. */
  ended: z.boolean(),
})
export type JobOutput = z.infer<typeof JobOutput>

/** How many runs are shown for each job of a list. */
export const SHOWN_RUNS = 30
