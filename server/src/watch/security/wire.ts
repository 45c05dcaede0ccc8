import { z } from 'zod'

export const Severity = z.enum(['critical', 'high', 'medium', 'low'])
export type Severity = z.infer<typeof Severity>

const About = z.object({
  check: z.string().meta({ examples: ['web.cors'] }),
  severity: Severity,
  app: z.string().nullable().meta({ description: 'null: it is about the server' }),
  subject: z
    .string()
    .meta({ description: 'what it is about: the app, a service, a domain, a secret', examples: ['shop'] }),
})

export const SecurityFinding = About.extend({
  what: z.string(),
  why: z.string().meta({ description: 'why it matters' }),
  fix: z.string().meta({ description: 'a command, or lines of innkeeper.yaml' }),
})
export type SecurityFinding = z.infer<typeof SecurityFinding>

/** What was looked at, and found. */
export const SecurityReport = z.object({
  at: z.iso.datetime().meta({ description: 'when it was looked at' }),
  score: z.number().int().min(0).max(100).meta({
    description:
      'Of the points of all checks those of the passed ones (critical 8, high 4, medium 2, low 1): what could not be looked at gives none. At most 49 with a critical finding, 79 with one that is high.',
  }),
  findings: z.array(SecurityFinding),
  unknown: z
    .array(About.extend({ reason: z.string() }))
    .meta({ description: 'what could not be looked at; it never counts as passed' }),
  accepted: z
    .array(SecurityFinding.extend({ reason: z.string() }))
    .meta({ description: 'findings that innkeeper.yaml accepts; they count neither way' }),
  passed: z.array(About.extend({ good: z.string() })),
})
export type SecurityReport = z.infer<typeof SecurityReport>

export const SecurityQuery = z.object({
  app: z.string().optional().meta({ description: 'this app alone, without the server' }),
  again: z
    .enum(['true'])
    .optional()
    .meta({ description: 'look now; without, an answer of the last hour is given' }),
})
