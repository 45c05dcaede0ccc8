import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const pushes = part({
  name: 'pushes',
  commands: { names: ['git'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
