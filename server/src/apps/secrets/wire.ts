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

/** How the value of a secret is had from elsewhere. */
export const ReferenceWish = z.object({
  /** Split as a shell would, and run without one. */
  command: z.string().trim().min(1).max(2_000),
  /** The credentials that it gets in its environment. */
  with: z.array(Name).max(20).default([]),
  /** Milliseconds. */
  timeoutMs: z.number().int().min(1_000).max(60_000).default(10_000),
  cacheMs: z.number().int().min(0).max(86_400_000).default(300_000),
  staleMs: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .default(0),
})
export type ReferenceWish = z.infer<typeof ReferenceWish>

/** Commands that say the values of secrets, and the credentials of such commands. */
export const ReferencesRequest = z.object({
  plan: z.boolean().default(false),
  references: z.record(Name, ReferenceWish).default({}),
  /** null: it goes. */
  credentials: z.record(Name, Value.nullable()).default({}),
})
export type ReferencesRequest = z.infer<typeof ReferencesRequest>

export const RefreshRequest = z.object({
  plan: z.boolean().default(false),
  /** Empty: all whose values a command says. */
  only: z.array(Name).max(1_000).default([]),
})
export type RefreshRequest = z.infer<typeof RefreshRequest>

/** A secret without its value. Times are ISO 8601. */
export const SecretView = z.object({
  name: z.string(),
  /** Whether Innkeeper draws it (generate:), somebody gave it, or a command says it; `credential`: such commands alone get it. */
  made: z.enum(['generated', 'given', 'reference', 'credential']),
  /** Since when it has its value; null: since before this was noted. */
  since: z.string().nullable(),
  /** Who reads it: services, or in words; empty: nobody now. */
  usedBy: z.array(z.string()),
  /** Why it is easy to guess; null: it is not. */
  weak: z.string().nullable(),
  /** The command that says its value, and when it did last; null: none does. */
  from: z
    .object({
      command: z.string(),
      with: z.array(z.string()),
      at: z.string(),
      cacheMs: z.number(),
      staleMs: z.number(),
    })
    .nullable(),
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
