import { z } from 'zod'

const time = z.iso.datetime()

export const DrillRequest = z.object({
  plan: z.boolean().default(false),
  /** Name of a restore point; default: the newest that is complete. */
  point: z.string().max(63).optional(),
})

/** One level of a drill. `skipped`: it was not tried, so it says nothing. */
export const DrillLevel = z.object({
  /** 0 to 6; each builds on those below. */
  level: z.number().int(),
  name: z.string(),
  state: z.enum(['proven', 'failed', 'skipped']),
  detail: z.string(),
  ms: z.number().nullable(),
})

/** A rehearsal of a restore, on a copy that nobody else sees. */
export const Drill = z.object({
  id: z.string(),
  app: z.string(),
  /** The restore point that it began from, and the place that it was fetched from. */
  point: z.string(),
  place: z.string(),
  /** Why the point is no part of what the app has now, as a sentence; null: it is. */
  abandoned: z.string().nullable(),
  state: z.enum(['running', 'proven', 'failed', 'cancelled']),
  startedAt: time,
  endedAt: time.nullable(),
  /** Milliseconds: fetching, starting the copy until it reached its moment, starting the app until it was healthy. */
  rtoMs: z.number().nullable(),
  /** Milliseconds from the last heartbeat in the copy to the moment that was asked for. */
  rpoMs: z.number().nullable(),
  levels: z.array(DrillLevel),
  /** What the drill does not show, in sentences. */
  unproven: z.array(z.string()),
})
export type Drill = z.infer<typeof Drill>
