import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const runs = part({
  name: 'runs',
  commands: { names: ['history', 'cancel'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
