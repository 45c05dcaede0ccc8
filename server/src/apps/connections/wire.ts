import { z } from 'zod'

/** Who keeps the repository, and sends what happens to its pull requests. */
export const Provider = z.enum(['github', 'gitlab', 'gitea', 'forgejo'])
export type Provider = z.infer<typeof Provider>

export const ConnectionRequest = z.object({
  provider: Provider,
  /** Its address, by which it is cloned. */
  repository: z.string().max(500),
  /** The address of the provider's API; null: the usual one of this provider. */
  api: z.string().max(300).nullable().default(null),
  /** Branches that pull requests go into; `*` stands for any letters. */
  branches: z.array(z.string().min(1).max(200)).min(1).max(20).default(['*']),
  /** Whether pull requests out of other repositories are deployed, too. */
  forks: z.boolean().default(false),
  /** With which the repository is read and comments are written; null: it is public, and nobody is told. */
  token: z
    .string()
    .min(1)
    .max(2_000)
    .regex(/^[\x21-\x7e]+$/, 'a token has no spaces and no line breaks')
    .nullable()
    .default(null),
})
export type ConnectionRequest = z.infer<typeof ConnectionRequest>

/** A pull request that is, or was, deployed as a preview. */
export const PullView = z.object({
  number: z.number().int(),
  /** The key of its preview: `shop@preview-pr-12`. */
  app: z.string(),
  branch: z.string(),
  /** Who changed it last, by their name at the provider. */
  who: z.string(),
  /** The commit that is wanted; null: it is closed. */
  commit: z.string().nullable(),
  state: z.enum(['building', 'up', 'failed', 'removing', 'removed']),
  /** Why it failed. */
  said: z.string().nullable(),
})
export type PullView = z.infer<typeof PullView>

/** A repository elsewhere whose pull requests become previews. */
export const ConnectionView = z.object({
  /** The app, without an environment. */
  app: z.string(),
  provider: Provider,
  repository: z.string(),
  api: z.string(),
  branches: z.array(z.string()),
  forks: z.boolean(),
  /** Whether there is a token, and so comments. */
  token: z.boolean(),
  by: z.string(),
  since: z.iso.datetime(),
  /** Where the provider sends its events: at every domain of this server. */
  path: z.string(),
  /** The same with a domain of the app; null: it has none. */
  address: z.string().nullable(),
  pulls: z.array(PullView),
})
export type ConnectionView = z.infer<typeof ConnectionView>

/** `secret`: what the provider signs with. It is shown this once. */
export const ConnectionMade = ConnectionView.extend({ secret: z.string() })
export type ConnectionMade = z.infer<typeof ConnectionMade>

export const ConnectionRemoved = z.object({ removed: z.literal(true) })

/** `took`: whether it changed what is wanted; `why`: why not. */
export const HookAnswer = z.object({ took: z.boolean(), why: z.string() })
export type HookAnswer = z.infer<typeof HookAnswer>
