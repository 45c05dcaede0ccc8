import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const checks = part({
  name: 'checks',
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
