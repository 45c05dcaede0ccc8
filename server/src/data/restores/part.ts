import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { restoreSentences } from './step.ts'

/** A backup or a drill can be had again at any time; somebody who needs data back cannot wait. */
const GIVE_WAY = ['backup', 'verify']

export const restores = part({
  name: 'restores',
  sentences: restoreSentences,
  precedence: { outranks: { restore: GIVE_WAY, 'restore-undo': GIVE_WAY } },
  commands: () => import('./commands.ts'),
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
