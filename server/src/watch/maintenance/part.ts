import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const maintenance = part({
  name: 'maintenance',
  sentences: async () => (await import('./step.ts')).sentences,
  commands: { names: ['maintenance'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
