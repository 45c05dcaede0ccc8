import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const backups = part({
  name: 'backups',
  sentences: async () => (await import('./step.ts')).backupSentences,
  commands: { names: ['backup'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
