import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const runbooks = part({
  name: 'runbooks',
  commands: { names: ['runbook'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
