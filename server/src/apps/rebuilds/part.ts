import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const rebuilds = part({
  name: 'rebuilds',
  sentences: async () => (await import('./step.ts')).rebuildSentences,
  precedence: { yields: ['rebuild'] },
  commands: { names: ['rebuild'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
