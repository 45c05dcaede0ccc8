import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { sentences } from './step.ts'

export const deploys = part({
  name: 'deploys',
  sentences: sentences,
  // They read what is removed, and nobody needs them any more.
  precedence: { outranks: { remove: ['backup', 'verify'] } },
  commands: () => import('./commands.ts'),
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
