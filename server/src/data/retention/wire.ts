import { z } from 'zod'

const Action = z.enum(['archive', 'delete', 'anonymise'])

/** What one rule did in one run. */
export const RetentionReceipt = z.object({
  run: z.string(),
  rule: z.string(),
  table: z.string(),
  action: Action,
  by: z.string(),
  state: z.enum(['running', 'done', 'stopped', 'failed']).meta({
    description: 'stopped: it gave way to another change, and goes on later',
  }),
  rows: z.number().int(),
  kept: z.number().int().meta({ description: 'due rows that stay, because others refer to them' }),
  left: z.number().int().meta({ description: 'rows that were changed between the look and the change' }),
  bytes: z.number().meta({ description: 'of its archives' }),
  error: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
})
export type RetentionReceipt = z.infer<typeof RetentionReceipt>

export const RetentionArchive = z.object({
  id: z.string(),
  rule: z.string(),
  table: z.string(),
  at: z.iso.datetime(),
  state: z.enum(['kept', 'done']).meta({ description: 'kept: its rows are still being deleted' }),
  rows: z.number().int(),
  bytes: z.number(),
  sha256: z.string(),
  places: z.array(z.object({ place: z.string(), snapshot: z.string() })),
  run: z.string(),
})
export type RetentionArchive = z.infer<typeof RetentionArchive>

export const RetentionList = z.object({
  app: z.string(),
  rules: z.array(
    z.object({
      rule: z.string(),
      table: z.string(),
      action: Action,
      schedule: z.string(),
      nextAt: z.iso.datetime().nullable(),
    }),
  ),
  receipts: z.array(RetentionReceipt),
  archives: z.array(RetentionArchive),
})
export type RetentionList = z.infer<typeof RetentionList>

/** What would go now, in the order in which it would. */
export const RetentionCounts = z.object({
  app: z.string(),
  rules: z.array(
    z.object({
      rule: z.string(),
      table: z.string(),
      action: Action,
      rows: z.number().int(),
      bytes: z.number().meta({ description: 'that the rows take in the table, about' }),
      kept: z.number().int(),
      problem: z.string().nullable().meta({ description: 'why the rule cannot be carried out' }),
    }),
  ),
})
export type RetentionCounts = z.infer<typeof RetentionCounts>

export const RetentionRequest = z.strictObject({
  plan: z.boolean().default(false),
  rule: z.string().max(40).nullable().default(null).meta({ description: 'null: all of them' }),
})

export const RetentionRestoreRequest = z.strictObject({
  plan: z.boolean().default(false),
  archive: z.string().max(80),
  copy: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a table is named with small letters, digits and _')
    .nullable()
    .default(null)
    .meta({ description: 'a table beside, by this name; null: into the table itself' }),
})
