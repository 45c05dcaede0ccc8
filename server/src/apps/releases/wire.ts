import { z } from 'zod'

export const Release = z.object({
  id: z.string().meta({ examples: ['r12'] }),
  app: z.string(),
  createdAt: z.iso.datetime(),
  actor: z.string(),
  /** `pruned`: its files are gone, its record stays. */
  state: z.enum(['building', 'ready', 'failed', 'pruned']),
  /** sha256 of the source archive. */
  source: z.string(),
  /** Commit and subject, when the source came from git. */
  commit: z.string().nullable(),
  /** Services built in this release; the others are those of an earlier one. */
  built: z.array(z.string()),
  /** The release whose built files it runs: its own, or an earlier one that was built of the same. */
  builtIn: z.string(),
  /** Migrations that its release step applied. */
  migrations: z.array(z.string()),
  sizeBytes: z.number().nullable(),
  /** Services that serve from it now. */
  live: z.array(z.string()),
  warm: z.boolean(),
})
export type Release = z.infer<typeof Release>

/** A variable of a service, without its value. */
export const EnvName = z.object({
  service: z.string(),
  name: z.string(),
  /** Where its value comes from, in words. */
  origin: z.string(),
})
export type EnvName = z.infer<typeof EnvName>
