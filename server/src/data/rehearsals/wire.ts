import { z } from 'zod'

export const RehearsalRequest = z.strictObject({
  plan: z.boolean().default(false),
  upload: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('sha256 of an uploaded source'),
})

const Ms = z.number().describe('milliseconds')

export const RehearsalReport = z.object({
  id: z.string().describe('of its run'),
  app: z.string(),
  upload: z.string(),
  at: z.iso.datetime(),
  says: z.string().describe('which data it ran on'),
  migrations: z.array(z.object({ name: z.string(), ms: Ms, error: z.string().nullable() })),
  code: z.array(z.string()).describe('migrations that only their tool can run, and that were left out'),
  held: z.array(z.object({ table: z.string(), mode: z.string(), blocks: z.enum(['all', 'writes']), ms: Ms })),
  rewritten: z.array(z.object({ table: z.string(), rows: z.number() })),
  bytes: z.object({ database: z.number(), log: z.number() }),
  waiting: z.array(z.object({ statement: z.string(), beforeMs: Ms, duringMs: Ms, tries: z.number() })),
  asked: z.object({ tried: z.number(), left: z.number() }),
})
export type RehearsalReport = z.infer<typeof RehearsalReport>
