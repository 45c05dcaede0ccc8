import { z } from 'zod'
import { Colour } from '../app/wire.ts'

/** Where a source comes from. Two sources of one name are of one app when they have a first commit or a remote in common, at the same place. */
export const Origin = z.object({
  /** Address of the repository, without user and password; null: it has none. */
  remote: z.string().max(2_000).nullable(),
  /** First commits of its history; empty: not in git, or the history is cut off. */
  first: z.array(z.string().max(64)).max(20),
  /** Its place in the repository; outside of git: empty. */
  folder: z.string().max(4_096),
  /** The host and the folder that it was deployed from. */
  place: z.string().max(4_096),
})
export type Origin = z.infer<typeof Origin>

/** Names with a colon are of what Innkeeper keeps for itself, such as credentials. */
const Variable = z.string().refine(name => !name.includes(':'), 'the name of a variable has no colon')

/** Every request that changes an app has `plan`. With true the answer is the plan, and nothing is done. */
const asked = { plan: z.boolean().default(false) }

/** Why an admin passes `protection:` of the file. */
const passing = { override: z.string().trim().min(3).max(300).optional() }

export const DeployRequest = z.object({
  ...asked,
  /** sha256 of an archive that was uploaded before. With `plan`, the text of innkeeper.yaml may come instead. */
  upload: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  config: z.string().max(262_144).optional(),
  /** Deploy only these services; the others stay as they are. */
  only: z.array(z.string()).optional(),
  commit: z.string().max(200).nullable().default(null),
  /** The branch that is checked out; null: none, or not in git. */
  branch: z.string().max(300).nullable().default(null),
  ...passing,
  origin: Origin.nullable().default(null),
  /** The app comes from another repository from now on. */
  newOrigin: z.boolean().default(false),
  /** Values for `env` entries that say `from:`. Never shown again. */
  env: z.record(Variable, z.string()).default({}),
  /** Builds all anew, even when nothing that a build sees changed. */
  fresh: z.boolean().default(false),
  /** Milliseconds to watch after the switch; the file's value when absent. */
  watchMs: z.number().int().min(0).max(3_600_000).optional(),
})
export type DeployRequest = z.infer<typeof DeployRequest>

/** `from`: the environment whose release is promoted. */
export const PromotionRequest = z.object({
  ...asked,
  ...passing,
  from: z.string().max(60),
  /** What serves there must be of this commit. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, 'the name of a commit, in hexadecimal')
    .optional(),
})
export type PromotionRequest = z.infer<typeof PromotionRequest>

/** `forward`: to the release that a rollback left, instead of further back. */
export const RollbackRequest = z.object({
  ...asked,
  release: z.string().optional(),
  forward: z.boolean().optional(),
})
export const SwitchRequest = z.object({ ...asked, colour: Colour })
export const ScaleRequest = z.object({
  ...asked,
  instances: z.record(z.string(), z.number().int().min(0).max(64)),
})
/** `data`: its database, shared folders and secrets too. */
export const RemoveRequest = z.object({ ...asked, data: z.boolean().default(false) })
