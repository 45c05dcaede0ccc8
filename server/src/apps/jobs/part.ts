import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const jobs = part({
  name: 'jobs',
  commands: { names: ['job'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
