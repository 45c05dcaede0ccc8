import { z } from 'zod'

/** The statements of an app that took most of its database's time, the first the most. */
export const Statements = z.object({
  app: z.string(),
  since: z.iso
    .datetime()
    .nullable()
    .meta({ description: 'when counting began; null: nothing was asked yet' }),
  statements: z.array(
    z.object({
      text: z.string().meta({ description: 'with $1, $2 … in place of values' }),
      share: z.number().meta({ description: 'of the time of all statements; 1: all of it' }),
      calls: z.number().int(),
      totalMs: z.number(),
      meanMs: z.number(),
      longestMs: z.number(),
      rowsPerCall: z.number(),
      fromMemory: z
        .number()
        .nullable()
        .meta({ description: 'share of the blocks that PostgreSQL had in its memory; null: it needed none' }),
    }),
  ),
})
export type Statements = z.infer<typeof Statements>
