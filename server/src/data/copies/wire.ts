import { z } from 'zod'
import { MomentRequest } from '../restores/wire.ts'

const DAY_MS = 24 * 3_600_000

export const CopyRequest = MomentRequest.extend({
  /** At most 12 small letters, digits and -. */
  name: z.string().max(64),
  /** How long the copy stays, in milliseconds. */
  forMs: z
    .number()
    .int()
    .min(1000)
    .max(31 * DAY_MS)
    .default(DAY_MS),
})

/** A copy of an app's database at a moment, to look at. */
export const CopyView = z.object({
  name: z.string(),
  app: z.string(),
  /** The moment that it shows, in words. */
  moment: z.string(),
  at: z.iso.datetime(),
  state: z.enum(['making', 'open']),
  /** Its port, on loopback only. */
  port: z.number(),
  /** When it will be removed; null while it is being made. */
  until: z.iso.datetime().nullable(),
  /** URLs with passwords. `app`: reads and writes rows; `owner`: may also change tables. null: the copy is not open, or the app is gone. */
  addresses: z.object({ app: z.string(), owner: z.string() }).nullable(),
})
export type CopyView = z.infer<typeof CopyView>
