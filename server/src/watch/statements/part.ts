import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const statements = part({
  name: 'statements',
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
