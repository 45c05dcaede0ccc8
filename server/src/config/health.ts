import { z } from 'zod'
import { duration } from './fields.ts'

const jsonMatch = z.strictObject({
  path: z.string().describe('Dots into the body, e.g. checks.database.status'),
  equals: z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .describe('What stands there when all is well'),
})

/** What a good answer is. */
export const expected = {
  status: z.number().int().min(100).max(599).default(200).describe('HTTP status of a good answer'),
  expect: z
    .strictObject({
      text: z.string().optional().describe('Must stand in the body'),
      json: jsonMatch.optional().describe('One value of a JSON body'),
    })
    .default({})
    .describe('What the body must say: many endpoints answer 200 whatever happens'),
  contentType: z.string().optional().describe('Beginning of the content type, e.g. application/json'),
}

/** When an instance counts as ready, and later as failing. */
export const health = z.strictObject({
  path: z
    .string()
    .startsWith('/')
    .optional()
    .describe('HTTP path; without it, accepting a connection is enough'),
  host: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i,
      'a host is a name, as in shop.example, with a port at most',
    )
    .optional()
    .describe('By which name the app is asked; default: 127.0.0.1 and its port'),
  proto: z
    .enum(['http', 'https'])
    .optional()
    .describe('What the app is told that the visitor speaks (X-Forwarded-Proto); default: nothing'),
  ...expected,
  interval: duration.default(1000).describe('From one check to the next, 200ms at the least'),
  timeout: duration.default(1500).describe('An answer later than this is none'),
  retries: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('A running instance fails when no good answer came for so many intervals'),
  startPeriod: duration.default(30_000).describe('How long an instance may take until it is ready'),
})
