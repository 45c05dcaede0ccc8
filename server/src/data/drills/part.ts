import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const drills = part({
  name: 'drills',
  sentences: async () => (await import('./step.ts')).drillSentences,
  precedence: { yields: ['drill'] },
  commands: { names: ['drill'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
