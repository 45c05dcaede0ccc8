import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const apps = part({
  name: 'apps',
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
