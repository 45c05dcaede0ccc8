import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const rehearsals = part({
  name: 'rehearsals',
  sentences: async () => (await import('./step.ts')).rehearsalSentences,
  precedence: { yields: ['rehearsal'] },
  commands: { names: ['db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
