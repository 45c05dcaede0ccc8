import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { rebuildSentences } from './step.ts'

export const rebuilds = part({
  name: 'rebuilds',
  sentences: rebuildSentences,
  precedence: { yields: ['rebuild'] },
  commands: { names: ['rebuild'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
