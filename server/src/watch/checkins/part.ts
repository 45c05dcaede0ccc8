import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const checkins = part({
  name: 'checkins',
  commands: { names: ['checkins'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
