import { z } from 'zod'

/** viewer: sees; operator: deploys, rolls back, scales; admin: people and tokens too. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

export const Person = z.object({
  id: z.string(),
  email: z.email(),
  name: z.string(),
  role: Role,
  createdAt: z.iso.datetime(),
})
export type Person = z.infer<typeof Person>

export const Me = z.object({ name: z.string(), email: z.string().nullable(), role: Role })
export type Me = z.infer<typeof Me>

export const PersonRequest = z.object({
  email: z.email(),
  name: z.string().min(1).max(100).optional(),
  role: Role.default('operator'),
})
/** The link works once, for a day, and lets the person choose a password. */
export const PersonAnswer = z.object({ person: Person, link: z.url() })
export type PersonAnswer = z.infer<typeof PersonAnswer>

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  /** The first characters, to tell tokens apart. */
  start: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
})
export type Token = z.infer<typeof Token>
export const TokenRequest = z.object({
  name: z.string().min(1).max(60),
  role: Role.default('operator'),
  expiresInDays: z.number().int().min(1).max(3650).default(365),
})
/** `secret` is shown here and never again; only its hash is stored. */
export const TokenAnswer = z.object({ token: Token, secret: z.string() })
export type TokenAnswer = z.infer<typeof TokenAnswer>

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
