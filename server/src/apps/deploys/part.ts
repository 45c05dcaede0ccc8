import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { sentences } from './step.ts'

export const deploys = part({
  name: 'deploys',
  sentences: sentences,
  commands: () => import('./commands.ts'),
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
