import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { copySentences } from './step.ts'

export const copies = part({
  name: 'copies',
  sentences: copySentences,
  commands: () => import('./commands.ts'),
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
