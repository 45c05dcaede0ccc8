import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const certificates = part({
  name: 'certificates',
  sentences: async () => (await import('./step.ts')).certificateSentences,
  commands: { names: ['certs'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
