import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const copies = part({
  name: 'copies',
  sentences: async () => (await import('./step.ts')).copySentences,
  commands: { names: ['copies'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
