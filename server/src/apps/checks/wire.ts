import { z } from 'zod'

/** Requests at the edge in one slot of time. */
export const TrafficPoint = z.object({
  /** Start of the slot, milliseconds since 1970. */
  at: z.number(),
  requests: z.number(),
  /** Answers 5xx, and connections that gave no answer. */
  errors: z.number(),
  /** 95th and 50th percentile of the app's own time, milliseconds; null without requests. */
  p95: z.number().nullable(),
  p50: z.number().nullable(),
})
export const Traffic = z.object({
  slotSeconds: z.number(),
  points: z.array(TrafficPoint),
  /** Deploys, rollbacks and switches in the window, to mark in the chart. */
  marks: z.array(z.object({ at: z.number(), label: z.string(), run: z.string() })),
})
export type Traffic = z.infer<typeof Traffic>
