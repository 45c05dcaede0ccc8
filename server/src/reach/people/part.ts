import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const people = part({
  name: 'people',
  commands: { names: ['people', 'token'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
