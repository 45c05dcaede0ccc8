import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const reports = part({
  name: 'reports',
  commands: { names: ['report'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
