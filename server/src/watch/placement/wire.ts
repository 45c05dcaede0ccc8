import { z } from 'zod'

/** One thing of an app: where it is, and by which line of innkeeper.yaml. */
export const Placed = z.object({
  what: z.string().meta({ examples: ['web', 'PostgreSQL', 'folder uploads', 'place offsite'] }),
  where: z.string(),
  why: z.string(),
})
export type Placed = z.infer<typeof Placed>

export const Placement = z.object({
  app: z.string(),
  environment: z.string(),
  /** The name of the server. */
  host: z.string(),
  /** null: nothing serves. */
  release: z.string().nullable(),
  placed: z.array(Placed),
})
export type Placement = z.infer<typeof Placement>
