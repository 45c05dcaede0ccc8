import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const security = part({
  name: 'security',
  commands: { names: ['security'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
