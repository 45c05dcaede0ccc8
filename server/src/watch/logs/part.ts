import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const logs = part({
  name: 'logs',
  commands: { names: ['errors', 'logs'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
