import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const sleeping = part({
  name: 'sleeping',
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
