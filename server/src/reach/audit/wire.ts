import { z } from 'zod'

/** Which entries are wanted, newest first. */
export const AuditQuery = z.object({
  app: z.string().max(200).optional(),
  /** Part of the name of a person or a token; small and large letters are the same. */
  actor: z.string().max(200).optional(),
  /** Only entries before the one with this id: the next page. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type AuditQuery = z.infer<typeof AuditQuery>

export const AuditEntry = z.object({
  id: z.number().int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  app: z.string().nullable(),
  run: z.string().nullable(),
  detail: z.string(),
  outcome: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** An entry as it was written, and never changes. */
export const ChainedEntry = z.object({
  id: z.number().int(),
  at: z.number().meta({ description: 'milliseconds since 1970' }),
  actor: z.string(),
  action: z.string(),
  app: z.string().nullable(),
  run: z.string().nullable(),
  detail: z.string(),
  outcome: z.string().meta({ description: 'when it was written: begun, done' }),
  of: z.number().int().nullable().meta({
    description: 'this entry says what became of that one; null: it is about something new',
  }),
  hash: z.string().meta({ description: 'SHA-256 of all of it and of the hash of the entry before' }),
})
export type ChainedEntry = z.infer<typeof ChainedEntry>

/** The oldest entries after one. */
export const ChainQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
})
