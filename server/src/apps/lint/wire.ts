import { z } from 'zod'
import type { RuleId } from './rules.ts'

export const LintRequest = z.object({
  /** sha256 of an uploaded source. */
  upload: z.string().regex(/^[0-9a-f]{64}$/),
})

const LintFinding = z.object({
  rule: z.custom<RuleId>(value => typeof value === 'string'),
  level: z.enum(['bad', 'warning', 'note']),
  migration: z.string(),
  line: z.number().nullable(),
  statement: z.string(),
  what: z.string(),
  why: z.string(),
  takesMs: z
    .number()
    .nullable()
    .describe('An estimate for the table as it is now; null: it takes no time, or nobody can say'),
  safe: z.array(z.string()).describe('SQL that comes to the same without the danger'),
  fix: z.string().nullable(),
  allowed: z.string().nullable().describe('The reason that the file gives; null: it is not allowed'),
})
export type LintFinding = z.infer<typeof LintFinding>

/** What is to be said of the migrations that a source would bring. */
export const LintReport = z.object({
  app: z.string(),
  tool: z.string().nullable().describe('null: the source has no migrations that were found'),
  folder: z.string().nullable(),
  pending: z.array(z.string()),
  asked: z.enum(['live', 'none', 'unreachable']),
  why: z.string().nullable().describe('Why nothing was judged'),
  servedSince: z.string().nullable(),
  findings: z.array(LintFinding),
})
export type LintReport = z.infer<typeof LintReport>
