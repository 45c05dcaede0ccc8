import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const assistant = part({
  name: 'assistant',
  commands: { names: ['mcp'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
