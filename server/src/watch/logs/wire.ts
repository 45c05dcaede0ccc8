import { z } from 'zod'

export const LogLine = z.object({
  /** ISO time in UTC, from the supervisor's log. */
  at: z.string(),
  service: z.string(),
  release: z.string(),
  n: z.number().int(),
  level: z.enum(['debug', 'info', 'warn', 'error']).nullable(),
  text: z.string(),
})
export type LogLine = z.infer<typeof LogLine>

const Field = z
  .string()
  .max(300)
  .regex(/^[^=]+=/, 'it is written KEY=VALUE')

export const LogQuery = z.object({
  /** Only lines of the last N milliseconds. */
  sinceMs: z.coerce.number().int().min(0).optional(),
  /** Only lines from this time on, and before that one, in milliseconds since 1970. */
  from: z.coerce.number().int().min(0).optional(),
  until: z.coerce.number().int().min(0).optional(),
  lines: z.coerce.number().int().min(1).max(10_000).default(100),
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  grep: z.string().max(200).optional(),
  /** Only lines that are JSON with these values: `req.method=POST`. */
  field: z
    .preprocess(given => (typeof given === 'string' ? [given] : given), z.array(Field).max(10))
    .optional(),
  service: z.string().optional(),
  release: z.string().optional(),
  /** Keep the answer open and send lines as they come (server-sent events). */
  follow: z.stringbool().default(false),
})
export type LogQuery = z.infer<typeof LogQuery>

/** Lines at each level; `none`: those that name no level. */
const Levels = z.object({
  error: z.number().int(),
  warn: z.number().int(),
  info: z.number().int(),
  debug: z.number().int(),
  none: z.number().int(),
})

/** Errors that say the same but for ids, times and numbers. */
export const ErrorGroup = z.object({
  shape: z.string(),
  count: z.number().int(),
  /** ISO times in UTC. */
  first: z.string(),
  last: z.string(),
  releases: z.array(z.string()),
  services: z.array(z.string()),
  /** The newest of them, as it was written. */
  example: z.string(),
})
export type ErrorGroup = z.infer<typeof ErrorGroup>

export const LogErrors = z.object({
  /** Where the first slot begins, and how long each is. */
  from: z.string(),
  slotMs: z.number().int(),
  slots: z.array(Levels),
  /** Most frequent first. */
  groups: z.array(ErrorGroup),
  /** Errors of more shapes than are kept apart. */
  others: z.number().int(),
})
export type LogErrors = z.infer<typeof LogErrors>

export const ErrorsQuery = LogQuery.pick({ from: true, until: true, service: true, release: true }).extend({
  /** The last N milliseconds, where `from` does not say. */
  sinceMs: z.coerce
    .number()
    .int()
    .min(0)
    .default(24 * 3_600_000),
})

/** Which lines are wanted. */
export type LogFilter = Omit<LogQuery, 'lines' | 'follow'>
