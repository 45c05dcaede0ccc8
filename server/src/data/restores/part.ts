import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

/** Kinds of runs that give way: they can be repeated at any time, and somebody who needs data back cannot wait. */
const GIVE_WAY = ['backup', 'verify']

export const restores = part({
  name: 'restores',
  sentences: async () => (await import('./step.ts')).restoreSentences,
  precedence: { outranks: { restore: GIVE_WAY, 'restore-undo': GIVE_WAY } },
  commands: { names: ['restore'], load: () => import('./commands.ts') },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
