import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const processes = part({
  name: 'processes',
  commands: { names: ['top'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
