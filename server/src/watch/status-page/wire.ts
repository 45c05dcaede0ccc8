import { z } from 'zod'
import { PublicState } from '../incidents/wire.ts'

/** In the words of public status pages. `unknown`: nobody looked. */
export const ComponentState = z.enum([
  ...['operational', 'degraded', 'partial', 'major', 'maintenance', 'unknown'],
] as const)
export type ComponentState = z.infer<typeof ComponentState>

const ms = z.number().min(0)

/** A day of UTC. Times in milliseconds. */
export const DayView = z.object({
  day: z.iso.date(),
  state: ComponentState,
  /** How much of the day is known, from 0 to 1. */
  share: z.number(),
  known: ms,
  down: ms,
  degraded: ms,
  maintenance: ms,
  /** As the edge counted them. For people who work here: how busy a business is does not stand on its page. */
  requests: z.number().int(),
  errors: z.number().int(),
})
export type DayView = z.infer<typeof DayView>

export const ComponentView = z.object({
  name: z.string(),
  state: ComponentState,
  /** Of the known time that was no maintenance, from 0 to 1; null: nothing is known. */
  uptime: z.number().nullable(),
  /** 90, the oldest first. */
  days: z.array(DayView),
})
export type ComponentView = z.infer<typeof ComponentView>

export const IncidentOnPage = z.object({
  id: z.number().int(),
  title: z.string(),
  state: PublicState,
  severity: z.enum(['critical', 'major', 'minor']),
  components: z.array(z.string()),
  beganAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  /** Newest first. */
  updates: z.array(z.object({ at: z.iso.datetime(), state: PublicState, text: z.string() })),
})
export type IncidentOnPage = z.infer<typeof IncidentOnPage>

export const MaintenanceOnPage = z.object({
  id: z.number().int(),
  state: z.enum(['planned', 'on', 'over']),
  text: z.string().nullable(),
  beginsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
})
export type MaintenanceOnPage = z.infer<typeof MaintenanceOnPage>

/** What stands on the page of an app. `publicOf` makes status.json of it. */
export const PageView = z.object({
  title: z.string(),
  state: ComponentState,
  headline: z.string(),
  writtenAt: z.iso.datetime(),
  components: z.array(ComponentView),
  /** Of the last 15 days, newest first. */
  incidents: z.array(IncidentOnPage),
  maintenance: z.array(MaintenanceOnPage),
})
export type PageView = z.infer<typeof PageView>

export const StatusPageView = z.object({
  app: z.string(),
  url: z.string(),
  page: PageView,
  /** null: it never was, or cannot be written at the moment. */
  publishedAt: z.iso.datetime().nullable(),
  /** The channel by which subscribers are told; null: nobody can subscribe. */
  mail: z.string().nullable(),
  subscribers: z.number().int(),
  /** The last thing that people outside were told. */
  told: z.object({ at: z.iso.datetime(), title: z.string() }).nullable(),
})
export type StatusPageView = z.infer<typeof StatusPageView>

export const SubscriberView = z.object({
  address: z.string(),
  since: z.iso.datetime(),
  /** null: the link in the first mail was not followed yet. */
  confirmedAt: z.iso.datetime().nullable(),
})
export type SubscriberView = z.infer<typeof SubscriberView>
