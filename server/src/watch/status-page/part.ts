import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const statusPage = part({
  name: 'statusPage',
  commands: { names: ['status-page'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
