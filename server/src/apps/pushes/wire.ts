import { z } from 'zod'

/** An app by its key, `shop` or `shop@staging`, which need not be deployed yet. It becomes the name of a folder. */
export const ByAppKey = z.object({
  app: z.string().regex(/^[a-z][a-z0-9-]{0,29}(@[a-z][a-z0-9-]{0,29})?$/, 'an app is shop, or shop@staging'),
})

export const RepositoryRequest = z.object({
  /** The branch whose pushes are deployed. */
  branch: z
    .string()
    .max(200)
    .regex(/^\w[\w./-]*$/, 'the name of a branch has letters, digits and ./_-'),
})
export type RepositoryRequest = z.infer<typeof RepositoryRequest>

/** A repository of this server that takes pushes. */
export const RepositoryView = z.object({
  app: z.string(),
  branch: z.string(),
  path: z.string(),
  /** At which that branch is; null: nothing of it was pushed yet. */
  commit: z.string().nullable(),
  /** Who owns it, and what the server calls itself: `ssh://USER@HOST/PATH`, where that name is known. */
  user: z.string(),
  host: z.string(),
})
export type RepositoryView = z.infer<typeof RepositoryView>

export const RepositoryRemoved = z.object({ removed: z.literal(true) })
