import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const outbox = part({
  name: 'outbox',
  commands: { names: ['outbox'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
