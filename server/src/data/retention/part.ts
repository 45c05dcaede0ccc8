import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const retention = part({
  name: 'retention',
  sentences: async () => (await import('./step.ts')).retentionSentences,
  precedence: { yields: ['retention'] },
  commands: { names: ['retention'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
