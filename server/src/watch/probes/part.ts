import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const probes = part({
  name: 'probes',
  commands: { names: ['probes'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
