import { z } from 'zod'

/** What happened at a moment of a chart. `run`: null where no run did it. */
export const Mark = z.object({
  at: z.number(),
  label: z.string(),
  run: z.string().nullable(),
  kind: z.enum(['change', 'backup', 'alert']),
})
export type Mark = z.infer<typeof Mark>

/** Lines over time. `times`: milliseconds since 1970; each line has a value for each of them, null: none. Without times, nothing is measured. */
export const Chart = z.object({
  times: z.array(z.number()),
  lines: z.array(
    z.object({ labels: z.record(z.string(), z.string()), values: z.array(z.number().nullable()) }),
  ),
  /** Lines that were left out because there were too many. */
  left: z.number().int(),
  /** What happened in this time, to be marked. */
  marks: z.array(Mark),
})
export type Chart = z.infer<typeof Chart>

/** What becomes full, and when, if it goes on like the last two weeks. */
export const Forecast = z.object({
  kind: z.enum(['disk', 'memory', 'instance', 'database']),
  of: z.string().meta({ description: 'where: a folder, an app, an app and its service; empty: the server' }),
  share: z.number().meta({ description: 'what is taken now; 1: full' }),
  perDay: z.number().nullable().meta({ description: 'null: too little is known, or it goes up and down' }),
  fullAt: z.iso.datetime().nullable().meta({ description: 'null: not in the next two years' }),
})
export type Forecast = z.infer<typeof Forecast>

const Figures = z.object({
  requestsPerSecond: z.number().nullable(),
  /** Share of answers that are 5xx, from 0 to 1. */
  errors: z.number().nullable(),
  /** Seconds. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
})

/** An app over a time that ends now. A number that is null: there was nothing to make it of. */
export const AppMetrics = z.object({
  app: z.string(),
  rangeMs: z.number(),
  all: Figures,
  routes: z.array(Figures.extend({ service: z.string(), route: z.string() })),
  /** Processors that its instances keep busy, and the memory that they have now. */
  cpu: z.number().nullable(),
  memoryBytes: z.number().nullable(),
})
export type AppMetrics = z.infer<typeof AppMetrics>

export const VitalName = z.enum(['lcp', 'inp', 'cls', 'fcp', 'ttfb', 'load'])
export type VitalName = z.infer<typeof VitalName>
export const Rating = z.enum(['good', 'fair', 'poor'])
export type Rating = z.infer<typeof Rating>

const Vital = z.object({
  name: VitalName,
  p75: z.number().nullable().meta({
    description: 'three quarters of the visits were no worse: seconds, of cls a number; null: not known',
  }),
  rating: Rating.nullable().meta({ description: "by Google's thresholds; null: there are none" }),
})

/** What visitors felt, over a time that ends now. */
export const AppVitals = z.object({
  app: z.string(),
  rangeMs: z.number(),
  views: z.number().int(),
  vitals: z.array(Vital),
  /** The most viewed first; `other`: those that are not counted apart. */
  pages: z.array(
    z.object({ service: z.string(), page: z.string(), views: z.number().int(), vitals: z.array(Vital) }),
  ),
  leftOut: z.array(
    z.object({
      why: z.string().meta({
        description: 'policy, encoded or headless: what kept the script out of a page',
      }),
      says: z.string(),
      pages: z.number().int(),
    }),
  ),
})
export type AppVitals = z.infer<typeof AppVitals>
