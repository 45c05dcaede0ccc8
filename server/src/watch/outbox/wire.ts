import { z } from 'zod'
import { Attempt } from '../messages/wire.ts'

export const Way = z.enum(['email', 'telegram'])

const template = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,59}$/,
    'a template has small letters, digits and -, as welcome for messages/welcome.html',
  )

/** What an app says at its socket. */
export const SendRequest = z.strictObject({
  to: z.string().min(1, 'nobody is named').max(320),
  template,
  channel: Way.default('email'),
  /** `de`, `de-AT`: which of the template's files is taken. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, 'a language is written as de or de-AT')
    .nullable()
    .default(null),
  variables: z.record(z.string().max(100), z.unknown()).default({}),
  /** The same for each try: a second message with it is the first one. */
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'a key has 1 to 200 letters, digits and signs, and no spaces')
    .nullable()
    .default(null),
  sendAt: z.iso.datetime({ offset: true }).nullable().default(null),
})
export type SendRequest = z.infer<typeof SendRequest>

export const MessageState = z.enum([
  'waiting',
  /** The channel has it in hand, also while it tries again. */
  'sending',
  'sent',
  /** The address takes nothing. */
  'bounced',
  /** The provider did not take it in three days. */
  'refused',
  'cancelled',
  /** The address took nothing before. */
  'suppressed',
  /** This environment may send nothing. */
  'withheld',
])
export type MessageState = z.infer<typeof MessageState>

/** What is answered to a message that was taken. */
export const Taken = z.object({ id: z.string(), key: z.string().nullable(), state: MessageState })
export type Taken = z.infer<typeof Taken>

export const OutboxMessage = z.object({
  id: z.string(),
  app: z.string(),
  key: z.string().nullable(),
  channel: Way,
  /** The channel of the server. */
  by: z.string(),
  template: z.string(),
  /** null: who asks may not see whom it is for. */
  to: z.string().nullable(),
  state: MessageState,
  /** Why it was not sent; null: it was, or is not over. */
  why: z.string().nullable(),
  at: z.iso.datetime(),
  sendAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  attempts: z.array(Attempt),
  /** What whoever asks may do with it. */
  can: z.array(z.enum(['cancel'])),
})
export type OutboxMessage = z.infer<typeof OutboxMessage>

/** Of one day, in UTC. `failed`: bounced, refused or suppressed. */
export const OutboxDay = z.object({
  day: z.iso.date(),
  sent: z.number().int(),
  failed: z.number().int(),
})
export type OutboxDay = z.infer<typeof OutboxDay>

export const Grant = z.object({
  app: z.string(),
  channel: z.string(),
  /** Messages that are taken in any 24 hours. */
  perDay: z.number().int(),
  by: z.string(),
  at: z.iso.datetime(),
})
export type Grant = z.infer<typeof Grant>

export const GrantRequest = z.object({
  app: z.string().min(1).max(80),
  channel: z.string().min(1).max(40),
  perDay: z.number().int().min(1).max(100_000).default(1_000),
})
export type GrantRequest = z.infer<typeof GrantRequest>

export const OutboxView = z.object({
  /** By which channels of the server the app wants to send; null: it names none. */
  wants: z.object({ email: z.string().nullable(), telegram: z.string().nullable() }).nullable(),
  grants: z.array(Grant),
  waiting: z.number().int(),
  /** The last 14 days, oldest first. */
  days: z.array(OutboxDay),
  /** Newest first. */
  messages: z.array(OutboxMessage),
})
export type OutboxView = z.infer<typeof OutboxView>

export const TemplateView = z.object({
  template: z.string(),
  channel: Way,
  language: z.string().nullable(),
  sample: z.record(z.string(), z.unknown()),
})
export type TemplateView = z.infer<typeof TemplateView>

export const PreviewRequest = z.object({
  template,
  channel: Way.default('email'),
  language: z.string().max(12).nullable().default(null),
  /** They lie over those of the template's own sample. */
  variables: z.record(z.string(), z.unknown()).default({}),
})
export type PreviewRequest = z.infer<typeof PreviewRequest>

export const Preview = z.object({
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
})
export type Preview = z.infer<typeof Preview>

export const Suppressed = z.object({
  channel: z.string(),
  address: z.string(),
  why: z.string(),
  at: z.iso.datetime(),
})
export type Suppressed = z.infer<typeof Suppressed>
