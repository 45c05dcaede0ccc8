import { z } from 'zod'

/** What Alertmanager's API v2 says, as far as Prometheus and amtool ask for it. */
const labels = z.record(z.string(), z.string())
const time = z.iso.datetime({ offset: true })

export const PostedAlert = z.object({
  labels,
  annotations: labels.default({}),
  startsAt: time.optional(),
  endsAt: time.optional(),
  generatorURL: z.string().optional(),
})
export type PostedAlert = z.infer<typeof PostedAlert>

const Matcher = z.object({
  name: z.string().max(200),
  value: z.string().max(1_000),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
})

export const PostedSilence = z.object({
  id: z.string().nullish(),
  matchers: z.array(Matcher).max(50),
  startsAt: time,
  endsAt: time,
  createdBy: z.string().max(200),
  comment: z.string().max(2_000),
})
export type PostedSilence = z.infer<typeof PostedSilence>

export const GotSilence = PostedSilence.extend({
  id: z.string(),
  updatedAt: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
})
export type GotSilence = z.infer<typeof GotSilence>

export const GotAlert = z.object({
  labels,
  annotations: labels,
  receivers: z.array(z.object({ name: z.string() })),
  fingerprint: z.string(),
  startsAt: z.string(),
  updatedAt: z.string(),
  endsAt: z.string(),
  generatorURL: z.string(),
  status: z.object({
    state: z.enum(['active', 'suppressed', 'unprocessed']),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
  }),
})
export type GotAlert = z.infer<typeof GotAlert>

const flag = z.stringbool().optional()
const texts = z.union([z.string(), z.array(z.string())]).optional()
export const AlertQuery = z.object({
  filter: texts,
  silenced: flag,
  inhibited: flag,
  active: flag,
  unprocessed: flag,
  receiver: z.string().optional(),
})
export const SilenceQuery = z.object({ filter: texts })
