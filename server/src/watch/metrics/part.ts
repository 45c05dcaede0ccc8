import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const metrics = part({
  name: 'metrics',
  commands: { names: ['metrics'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
