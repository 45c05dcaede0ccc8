import { z } from 'zod'

/** The pooler of an app at this moment. */
export const Pooling = z.object({
  app: z.string(),
  size: z.number().int().meta({ description: 'connections to PostgreSQL that clients share' }),
  clients: z.number().int().meta({ description: 'connections that the app may open to the pooler' }),
  processes: z.number().int().meta({ description: 'of the app, in one colour' }),
  poolSize: z.number().int().meta({ description: 'DATABASE_POOL_SIZE of each' }),
  active: z.number().int().meta({ description: 'clients that have a connection' }),
  waiting: z.number().int().meta({ description: 'clients that wait for one' }),
  waitMs: z.number().meta({ description: 'how long the first of them has waited' }),
  used: z.number().int().meta({ description: 'connections that are in use' }),
  free: z.number().int().meta({ description: 'connections that are open and free' }),
})
export type Pooling = z.infer<typeof Pooling>
