import { z } from 'zod'

/** The name of a variable, which is looked at with the rest of the request (`wanted.ts`), so that it is refused in words. */
const Name = z.string().max(200)

/** No environment can hold a NUL. */
const Value = z
  .string()
  .min(1, 'an empty value: unset takes a secret away')
  .max(65_536)
  .refine(text => !text.includes('\0'), 'a value may not have a NUL in it')

/** Under which name the value of before is given too, and for how long. */
const Previous = z.object({
  as: Name,
  /** Milliseconds. */
  graceMs: z
    .number()
    .int()
    .min(60_000)
    .max(90 * 86_400_000),
})

/** One change of secrets: all of it, or nothing. Values are never shown again. */
export const SecretsRequest = z.object({
  plan: z.boolean().default(false),
  set: z.record(Name, Value).default({}),
  unset: z.array(Name).max(1_000).default([]),
  /** Name → how many characters are drawn for it; null: as many as innkeeper.yaml says. */
  rotate: z.record(Name, z.number().int().min(16).max(4_096).nullable()).default({}),
  /** Of the one secret that is set or rotated. */
  previous: Previous.nullable().default(null),
})
export type SecretsRequest = z.infer<typeof SecretsRequest>

/** A secret without its value. Times are ISO 8601. */
export const SecretView = z.object({
  name: z.string(),
  /** Whether Innkeeper draws it (generate:), or somebody gave it. */
  made: z.enum(['generated', 'given']),
  /** Since when it has its value; null: since before this was noted. */
  since: z.string().nullable(),
  /** Who reads it: services, or in words; empty: nobody now. */
  usedBy: z.array(z.string()),
  /** Why it is easy to guess; null: it is not. */
  weak: z.string().nullable(),
  /** The secret whose value of before it is, and until when services get it. */
  previous: z.object({ of: z.string(), until: z.string() }).nullable(),
})
export type SecretView = z.infer<typeof SecretView>

export const SecretValue = z.object({ name: z.string(), value: z.string() })
export type SecretValue = z.infer<typeof SecretValue>

export const DiffRequest = z.object({ values: z.record(z.string(), z.string()) })
/** Names alone. */
export const SecretsDiff = z.object({
  same: z.array(z.string()),
  different: z.array(z.string()),
  /** Given, and not kept. */
  missing: z.array(z.string()),
  /** Kept, and not given. */
  more: z.array(z.string()),
})
export type SecretsDiff = z.infer<typeof SecretsDiff>
