import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const approvals = part({
  name: 'approvals',
  commands: { names: ['approvals'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
