import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const doctor = part({
  name: 'doctor',
  sentences: async () => (await import('./step.ts')).sentences,
  precedence: { yields: ['vacuum'] },
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
