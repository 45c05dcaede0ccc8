import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const activity = part({
  name: 'activity',
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
