import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const audit = part({
  name: 'audit',
  commands: { names: ['audit'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
