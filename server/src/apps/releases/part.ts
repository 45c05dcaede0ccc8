import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const releases = part({
  name: 'releases',
  commands: { names: ['releases', 'run', 'env', 'db'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
