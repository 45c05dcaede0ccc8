import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const incidents = part({
  name: 'incidents',
  commands: { names: ['incident'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
