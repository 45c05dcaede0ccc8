import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const alerts = part({
  name: 'alerts',
  commands: { names: ['ack', 'alerts', 'silence'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
