import { z } from 'zod'
import { AppName, AppRoles, Role, Verb } from '../../api/wire.ts'

const everywhere = {
  role: Role.nullable().meta({
    description: 'in all apps, and for the server; null: in those of `apps` alone',
  }),
  apps: AppRoles.meta({ description: 'app → the role there' }),
}

/** What somebody has beside the password. */
const Held = z.object({
  codes: z.boolean().meta({ description: 'an authenticator app' }),
  passkeys: z.number().int(),
})
export type Held = z.infer<typeof Held>

export const Person = z.object({
  id: z.string(),
  email: z.email(),
  name: z.string(),
  ...everywhere,
  secondFactor: Held,
  createdAt: z.iso.datetime(),
})
export type Person = z.infer<typeof Person>

export const Me = z.object({
  name: z.string(),
  email: z.string().nullable(),
  ...everywhere,
  verbs: z
    .array(Verb)
    .nullable()
    .meta({ description: 'what a token is held to; null: whatever its role may' }),
  factor: z.enum(['on', 'off', 'owed', 'passkey']).nullable().meta({
    description:
      'a second factor; owed: it must be set up before anything else; passkey: there is a passkey, which must be signed in with before anything else. null: no person',
  }),
})
export type Me = z.infer<typeof Me>

/**
 * `role` and `apps` are one: whoever names one of them names all that the person may. Without both, a new person becomes
 * operator of all apps, and a known one keeps what there is.
 */
export const PersonRequest = z
  .object({
    email: z.email(),
    name: z.string().min(1).max(100).optional(),
    role: Role.nullable().optional(),
    apps: AppRoles.optional(),
  })
  .refine(({ role, apps }) => role !== null || Object.keys(apps ?? {}).length > 0, {
    message: 'without a role in all apps it takes one in an app',
    path: ['apps'],
  })
/** Names of the tokens that ended because of this change. */
const ended = z.array(z.string())
/** With the link the person chooses a password. It works once, for a day, and ends when there is a newer one. */
export const PersonAnswer = z.object({ person: Person, link: z.url(), ended })
export type PersonAnswer = z.infer<typeof PersonAnswer>

export const PersonRemoved = z.object({ removed: z.literal(true), ended })
export type PersonRemoved = z.infer<typeof PersonRemoved>

const scope = {
  apps: z
    .array(AppName)
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .meta({ description: 'the apps that it is for; null: all, and what is of none' }),
  verbs: z
    .array(Verb)
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'what it is for; null: whatever its role may' }),
}

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  ...scope,
  /** Its first characters, to tell tokens apart. */
  start: z.string().nullable(),
  /** Name of its maker at that time. */
  madeBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  usedAt: z.iso.datetime().nullable().meta({ description: 'null: never' }),
})
export type Token = z.infer<typeof Token>
export const TokenRequest = z.object({
  name: z.string().min(1).max(60),
  role: Role.default('operator'),
  ...scope,
  expiresInDays: z.number().int().min(1).max(3650).default(365),
})
/** `secret` is shown only in this answer; only its hash is stored. */
export const TokenAnswer = z.object({ token: Token, secret: z.string() })
export type TokenAnswer = z.infer<typeof TokenAnswer>
export const TokenRevoked = z.object({ revoked: z.literal(true), ended })
export type TokenRevoked = z.infer<typeof TokenRevoked>

export const SignInRequest = z.object({ email: z.email().max(320), password: z.string().max(1024) })
export const PasswordRequest = z.object({ newPassword: z.string().max(1024), token: z.string().max(256) })

const password = z.string().max(1024)
export const FactorRequest = z.object({ password })
export const CodeRequest = z.object({ code: z.string().max(40) })
/** What an authenticator app reads, and codes for when it is lost: each is good for one sign-in. Shown only now. */
export const FactorAnswer = z.object({ uri: z.string(), codes: z.array(z.string()) })
export type FactorAnswer = z.infer<typeof FactorAnswer>
export const CodesAnswer = FactorAnswer.pick({ codes: true })
export const Done = z.object({ done: z.literal(true) })

export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string().meta({ description: 'the name of the dashboard at which it signs in' }),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime().nullable().meta({ description: 'null: never' }),
})
export type Passkey = z.infer<typeof Passkey>
/** What a browser makes a passkey of, or signs with one: in the form of `PublicKeyCredential.parse…OptionsFromJSON`. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() })
export type PasskeyOptions = z.infer<typeof PasskeyOptions>
/** What it made, as `PublicKeyCredential.toJSON` writes it. An id has 1,023 bytes at most. */
const response = z.looseObject({ id: z.string().min(1).max(1_364) })
export const PasskeySignIn = z.object({ response })
const passkeyName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^\P{C}*$/u, 'a name is one line')
export const PasskeyRequest = z.object({ name: passkeyName, response })

/** A person's own second factors. */
export const Factors = z.object({ codes: z.boolean(), passkeys: z.array(Passkey) })
export type Factors = z.infer<typeof Factors>

/** Who must have a second factor. `admins`: whoever is admin of something. */
export const Whom = z.enum(['nobody', 'admins', 'all'])
export type Whom = z.infer<typeof Whom>
export const Policy = z.object({ secondFactor: Whom })
export type Policy = z.infer<typeof Policy>

export const Session = z.object({
  id: z.string(),
  email: z.string(),
  device: z.string().nullable().meta({ description: 'what the browser says of itself' }),
  address: z.string().nullable().meta({ description: 'null: this server, or a tunnel to it' }),
  since: z.iso.datetime(),
  usedAt: z.iso.datetime().meta({ description: 'to the minute' }),
  expiresAt: z.iso.datetime(),
})
export type Session = z.infer<typeof Session>
/** `own`: the session of who asks. */
export const SessionView = Session.extend({ own: z.boolean() })
export type SessionView = z.infer<typeof SessionView>

/** Everybody who may use the dashboard or the API, and what should be asked about. */
export const AccessReview = z.object({
  people: z.array(
    Person.extend({
      signedInAt: z.iso
        .datetime()
        .nullable()
        .meta({ description: 'null: not since sign-ins are written down' }),
    }),
  ),
  tokens: z.array(Token),
  reviewedAt: z.iso.datetime().nullable().meta({ description: 'null: nobody has said so yet' }),
  findings: z.array(z.string()),
})
export type AccessReview = z.infer<typeof AccessReview>
