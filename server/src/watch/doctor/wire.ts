import { z } from 'zod'

export const DatabaseFinding = z.object({
  id: z.string(),
  level: z.enum(['bad', 'warning', 'note']),
  what: z.string(),
  why: z.string(),
  sql: z.array(z.string()).meta({ description: 'statements that mend it, one by one' }),
  fix: z.string().nullable().meta({ description: 'what a person does, where SQL is not all' }),
})
export type DatabaseFinding = z.infer<typeof DatabaseFinding>

/** How the database of an app is. */
export const DatabaseHealth = z.object({
  app: z.string(),
  at: z.iso.datetime(),
  since: z.iso.datetime().nullable().meta({ description: 'since when PostgreSQL counts' }),
  bytes: z.number(),
  tables: z.number().int(),
  connections: z.object({ used: z.number().int(), most: z.number().int() }),
  fromMemory: z
    .number()
    .nullable()
    .meta({ description: 'share of the blocks that were in memory; null: none was asked for' }),
  largest: z.array(
    z.object({
      name: z.string(),
      bytes: z.number().meta({ description: 'with its indexes' }),
      indexBytes: z.number(),
      rows: z.number(),
      deadRows: z.number(),
      vacuumedAt: z.iso.datetime().nullable(),
    }),
  ),
  findings: z.array(DatabaseFinding),
})
export type DatabaseHealth = z.infer<typeof DatabaseHealth>

export const VacuumRequest = z.strictObject({
  plan: z.boolean().default(false),
  /** null: all of them. */
  table: z.string().max(200).nullable().default(null),
})

/** What the PostgreSQL of an app runs with, and what fits the machine as it is now. */
export const DatabaseTuning = z.object({
  app: z.string(),
  sizes: z.object({
    memory: z.number().meta({ description: 'bytes of the machine' }),
    cores: z.number().int(),
    clusters: z.number().int().meta({ description: 'that run on it, with this one' }),
  }),
  settings: z.array(
    z.object({
      name: z.string(),
      runs: z.string(),
      wanted: z.string(),
      state: z.enum(['fits', 'start', 'set']).meta({
        description: 'start: the next start brings it; set: somebody set it otherwise, and that holds',
      }),
      source: z.string(),
      atStart: z.boolean(),
      about: z.string(),
    }),
  ),
})
export type DatabaseTuning = z.infer<typeof DatabaseTuning>

export const TuneRequest = z.strictObject({ plan: z.boolean().default(false) })
