import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const pooling = part({
  name: 'pooling',
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
