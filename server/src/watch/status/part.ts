import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const status = part({
  name: 'status',
  commands: { names: ['status', 'ps', 'open'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
