import { z } from 'zod'

/** viewer: sees; operator: deploys, rolls back, scales; admin: people and tokens too. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>
