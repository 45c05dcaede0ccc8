import { z } from 'zod'
import { cron } from './backups.ts'

const freeze = z.strictObject({
  from: cron.describe('When it begins, as cron says it, in the time zone of the server: "0 16 * * 5"'),
  to: cron.describe('When it ends: "0 8 * * 1"'),
})

/** What a deploy and a promotion have to keep to. */
export const protection = z.strictObject({
  branches: z
    .array(
      z
        .string()
        .max(200)
        .regex(/^[^\s*]+\*?$/, 'a branch is a name; * may end it, as in release/*'),
    )
    .min(1, 'name one branch at least, or leave branches out')
    .optional()
    .describe('Only sources of these branches; * may end a name. Default: of any'),
  from: z
    .array(z.string())
    .min(1, 'name one environment at least, or leave from out')
    .optional()
    .describe(
      'Only what one of these environments serves, by `inn promote`. Default: also deploys of a source',
    ),
  approvals: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('How many people must approve it, besides who asks for it'),
  freeze: z
    .array(freeze)
    .max(20, 'twenty windows at most')
    .default([])
    .describe('Windows in which nothing is deployed or promoted'),
})
export type Protection = z.output<typeof protection>
