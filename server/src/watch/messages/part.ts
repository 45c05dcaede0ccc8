import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const messages = part({
  name: 'messages',
  commands: { names: ['notify'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
