import { z } from 'zod'

const address = z.url({
  protocol: /^https?$/,
  error: 'no address: write one such as https://example.com/hook',
})
const email = z.email('no e-mail address: write one such as you@example.com')
const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a name has small letters, digits and hyphens, 40 at most: write one such as on-call',
  )

/** Where messages go. What is secret is not among it. */
export const ChannelSettings = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('email'),
    to: email,
    from: email,
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535),
    user: z.string().max(320).nullable(),
  }),
  z.object({ kind: z.literal('sendgrid'), to: email, from: email, at: address }),
  z.object({
    kind: z.literal('telegram'),
    chat: z.string().regex(/^(-?\d+|@\w+)$/, 'a chat is a number or @name: write one such as 123456789'),
    at: address,
  }),
  z.object({ kind: z.literal('slack') }),
  z.object({ kind: z.literal('discord') }),
  z.object({ kind: z.literal('webhook'), url: address }),
  z.object({ kind: z.literal('pagerduty'), at: address }),
  z.object({
    kind: z.literal('twilio'),
    account: z.string().min(1).max(64),
    from: z.string().min(1).max(20),
    to: z.string().min(1).max(20),
    at: address,
  }),
  z.object({ kind: z.literal('ntfy'), url: address }),
])
export type ChannelSettings = z.infer<typeof ChannelSettings>

export const ChannelRequest = z.object({
  name,
  settings: ChannelSettings,
  /** Of the provider: a password, a token, a key, an address that is one. '': none. */
  secret: z.string().max(4_096).default(''),
  /** Who gets what this channel did not take for a while; null: nobody. */
  instead: z
    .object({ channel: name, afterMs: z.number().int().min(1_000).max(86_400_000) })
    .nullable()
    .default(null),
})
export type ChannelRequest = z.infer<typeof ChannelRequest>

export const ChannelView = z.object({
  name,
  settings: ChannelSettings,
  instead: z.object({ channel: name, afterMs: z.number().int() }).nullable(),
  /** Why its address gets nothing more; null: it does. */
  suppressed: z.string().nullable(),
  /** How many messages wait for it. */
  waiting: z.number().int(),
})
export type ChannelView = z.infer<typeof ChannelView>

/** `findings`: what is wrong with the domain that e-mail is sent from, and what to write into its zone. */
export const ChannelAdded = z.object({ channel: ChannelView, findings: z.array(z.string()) })
export type ChannelAdded = z.infer<typeof ChannelAdded>

export const ChannelRemoved = z.object({
  removed: z.literal(true),
  dropped: z.number().int(),
  routes: z.number().int(),
})
export type ChannelRemoved = z.infer<typeof ChannelRemoved>

export const Attempt = z.object({
  at: z.iso.datetime(),
  ms: z.number().int().nullable(),
  /** null: under way, or whoever made it did not live to note what became of it. */
  outcome: z.enum(['sent', 'later', 'refused', 'bounced']).nullable(),
  said: z.string().nullable(),
})
export type Attempt = z.infer<typeof Attempt>

export const MessageView = z.object({
  id: z.number().int(),
  channel: z.string(),
  /** Whom it is for; null: for whom the channel is for. */
  to: z.string().nullable(),
  level: z.enum(['late', 'soon', 'over']),
  title: z.string(),
  at: z.iso.datetime(),
  /** `dropped`: its channel was removed before it was sent, or its address takes nothing. */
  state: z.enum(['waiting', 'sending', 'sent', 'dropped']),
  /** How many messages went with it in one. */
  together: z.number().int(),
  /** When it is tried next; null: it is not. */
  nextAt: z.iso.datetime().nullable(),
  /** It was also given to the channel that stands in for this one. */
  passedOn: z.boolean(),
  attempts: z.array(Attempt),
})
export type MessageView = z.infer<typeof MessageView>
