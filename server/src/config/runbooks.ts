import { z } from 'zod'
import { duration } from './fields.ts'

const NAME = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'the name of a runbook is that of its file in runbooks/, without .md')

const HOUR = 3_600_000

const auto = z.strictObject({
  on: z
    .array(z.string().min(1).max(100))
    .min(1, 'it names the alerts that begin it')
    .max(30)
    .describe('Names of alerts of this app; each occurrence begins it once'),
  every: duration
    .refine(ms => ms >= 60_000 && ms <= 30 * 24 * HOUR, 'from 1m to 30d')
    .default(HOUR)
    .describe('It does not run more often than that'),
})

/** `runbooks:` of innkeeper.yaml: which of them run by themselves. */
export const runbooks = z.record(NAME, auto)
