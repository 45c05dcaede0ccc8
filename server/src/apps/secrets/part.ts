import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const secrets = part({
  name: 'secrets',
  commands: { names: ['secrets'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
