import { z } from 'zod'

/** A failure as the API returns it. Programs decide by `code`. */
export const Failure = z.object({
  code: z.string().meta({ examples: ['deploy.not-ready'] }),
  what: z.string(),
  why: z.string(),
  fix: z.string(),
  facts: z.record(z.string(), z.unknown()).optional(),
})
export type Failure = z.infer<typeof Failure>

export const FailureAnswer = z.object({ failure: Failure })
