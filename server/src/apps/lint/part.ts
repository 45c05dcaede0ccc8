import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const lint = part({
  name: 'lint',
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
