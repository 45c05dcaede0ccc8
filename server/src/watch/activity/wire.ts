import { z } from 'zod'

export const SessionView = z.object({
  pid: z.number().int(),
  began: z.iso.datetime(),
  database: z.string(),
  user: z.string(),
  program: z.string().meta({ description: 'what the client calls itself' }),
  state: z.string().meta({ description: 'as PostgreSQL says it: active, idle, idle in transaction …' }),
  waits: z.string().nullable().meta({ description: 'what its statement waits for' }),
  text: z.string().meta({ description: 'its statement, or the last one, with the values in it' }),
  sinceMs: z.number().int().meta({ description: 'how long it is in this state' }),
  transactionMs: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'how long its transaction is open; null: none is' }),
  blockedBy: z.array(z.number().int()).meta({ description: 'for whose locks it waits' }),
})
export type SessionView = z.infer<typeof SessionView>

export const Activity = z.object({
  app: z.string(),
  sessions: z.array(SessionView),
  locks: z
    .array(z.object({ pid: z.number().int(), depth: z.number().int() }))
    .meta({ description: 'who waits for whom: each stands below the one for which it waits, one deeper' }),
})
export type Activity = z.infer<typeof Activity>

export const EndSession = z.object({
  /** As it was told: the number of a session that is gone is given to another one. */
  began: z.iso.datetime(),
  /** Only its statement ends, and the client may go on. */
  statement: z.boolean().default(false),
})
export const SessionEnded = z.object({ ended: z.literal(true) })
