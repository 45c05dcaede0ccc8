import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const alerts = part({
  name: 'alerts',
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
