import { z } from 'zod'

const asked = { plan: z.boolean().default(false) }

/** One of `to`, `backup` and `point` says which moment. */
export const RestoreRequest = z.object({
  ...asked,
  /** `2026-11-20 10:00`, with an offset or in `zone`; `10:00`, `yesterday 14:30`, `30m ago`, `now`. */
  to: z.string().max(64).optional(),
  /** Label of a backup of the cluster: to its end. */
  backup: z.string().max(64).optional(),
  /** Name of a restore point: database, files and Redis. */
  point: z.string().max(63).optional(),
  /** IANA time zone of whoever asks. */
  zone: z.string().max(64).default('UTC'),
  /** Run the release step on the restored data. */
  migrate: z.boolean().default(false),
})

/** A restore whose data from before is kept until somebody discards it. */
export const KeptRestore = z.object({
  app: z.string(),
  /** When it took place. */
  at: z.iso.datetime(),
  /** What it returned to. */
  moment: z.string(),
  /** The database that holds what was there before. */
  aside: z.string(),
})
export type KeptRestore = z.infer<typeof KeptRestore>
