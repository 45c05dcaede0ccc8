import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const connections = part({
  name: 'connections',
  commands: { names: ['preview'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
