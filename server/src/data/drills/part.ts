import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { drillSentences } from './step.ts'

export const drills = part({
  name: 'drills',
  sentences: drillSentences,
  precedence: { yields: ['drill'] },
  commands: { names: ['drill'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
