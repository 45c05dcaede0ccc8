import { z } from 'zod'
import { isZone } from '../../kernel/moments.ts'

const labels = z.record(z.string(), z.string())
export const Severity = z.enum(['late', 'soon'])

export const AlertView = z.object({
  /** Of the occurrence, for acknowledging it. */
  occurrence: z.string(),
  source: z.string(),
  fingerprint: z.string(),
  severity: Severity,
  /** `stopped`: its source stopped reporting it, so nobody knows. */
  state: z.enum(['firing', 'over', 'stopped']),
  what: z.string(),
  more: z.string().nullable(),
  app: z.string().nullable(),
  labels,
  since: z.iso.datetime(),
  overAt: z.iso.datetime().nullable(),
  /** Why it is not told now; null: it is. `change`: of its app; `cause`: it follows from another one. */
  muted: z.enum(['silence', 'change', 'cause']).nullable(),
  flapping: z.boolean(),
  told: z.array(z.object({ channel: z.string(), at: z.iso.datetime() })),
  acked: z.object({ by: z.string(), at: z.iso.datetime() }).nullable(),
})
export type AlertView = z.infer<typeof AlertView>

/** null: all that is wrong now. */
export const AckRequest = z.object({ occurrences: z.array(z.string().max(64)).min(1).max(500).nullable() })
export const Acked = z.object({ acknowledged: z.array(z.string()) })
export type Acked = z.infer<typeof Acked>

const Hours = z
  .object({ from: z.number().int().min(0).max(1440), to: z.number().int().min(0).max(1440) })
  .refine(({ from, to }) => from !== to, 'from and to are the same time: nobody would ever be told')
const Weeks = z.object({ nth: z.number().int().min(1), of: z.number().int().min(2).max(52) })
const zone = z.string().refine(isZone, 'no time zone: write one such as Europe/Berlin')
export const RouteRequest = z.object({
  severity: Severity,
  channel: z.string().max(40),
  afterMs: z.number().int().min(0).max(86_400_000),
  hours: Hours.nullable(),
  weeks: Weeks.refine(({ nth, of }) => nth <= of, 'the first number is at most the second').nullable(),
  zone,
})
export const RouteView = RouteRequest.extend({ id: z.number().int(), on: z.boolean() })
export type RouteView = z.infer<typeof RouteView>

/** null: none. */
export const AlertSettings = z
  .object({
    link: z.url().nullable(),
    watchdog: z.url().nullable(),
    /** Called by Prometheus. */
    metricsWatchdog: z
      .url({ protocol: /^https?$/ })
      .refine(url => new URL(url).username === '', 'Prometheus takes no name and password in it')
      .nullable()
      .default(null),
  })
  .refine(
    ({ watchdog, metricsWatchdog }) => watchdog === null || watchdog !== metricsWatchdog,
    'the keeper and Prometheus need an address each: one that both call lives as long as one of them',
  )
export type AlertSettings = z.infer<typeof AlertSettings>
