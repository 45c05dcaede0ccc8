import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { recoverySentences } from './step.ts'

/** A backup or a drill can be had again at any time; somebody who needs data back cannot wait. */
const GIVE_WAY = ['backup', 'verify']

export const recovery = part({
  name: 'recovery',
  sentences: recoverySentences,
  precedence: { outranks: { recover: GIVE_WAY } },
  commands: () => import('./commands.ts'),
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
