import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const placement = part({
  name: 'placement',
  commands: { names: ['where'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
