import { z } from 'zod'

/** A checkin as people see it. */
export const CheckinView = z.object({
  app: z.string(),
  name: z.string(),
  state: z.enum(['waiting', 'ok', 'running', 'late', 'missed', 'failed', 'paused']),
  level: z.enum(['warning', 'critical']),
  /** How often it runs: milliseconds, or a cron pattern. */
  every: z.union([z.number(), z.string()]),
  graceMs: z.number(),
  /** What it said last; null: never. */
  endedAt: z.string().nullable(),
  startedAt: z.string().nullable(),
  failedAt: z.string().nullable(),
  /** The exit status of the last failure, where one was said. */
  code: z.number().nullable(),
  next: z.string().nullable(),
  /** The address that the job calls; null: whoever asks may not change the app. */
  url: z.string().nullable(),
})
export type CheckinView = z.infer<typeof CheckinView>
