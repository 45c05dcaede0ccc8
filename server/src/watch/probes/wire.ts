import { z } from 'zod'

/** A probe as people see it. */
export const ProbeView = z.object({
  app: z.string(),
  name: z.string(),
  /** `api.blue.1`; null: it asks no instance by itself. */
  instance: z.string().nullable(),
  kind: z.enum(['http', 'tcp', 'postgres', 'redis', 'command', 'certificate']),
  /** What it asks, without secrets. */
  asks: z.string(),
  /** Whether it is there without a line in innkeeper.yaml. */
  own: z.boolean(),
  level: z.enum(['warning', 'critical']),
  everyMs: z.number(),
  /** `waiting`: it has no result yet, or too few failures in a row. */
  state: z.enum(['waiting', 'ok', 'failing']),
  since: z.string().nullable(),
  /** Failures in a row. */
  failures: z.number(),
  last: z
    .object({
      at: z.string(),
      ok: z.boolean(),
      ms: z.number(),
      said: z.string(),
      certificateEnds: z.string().nullable(),
    })
    .nullable(),
})
export type ProbeView = z.infer<typeof ProbeView>
