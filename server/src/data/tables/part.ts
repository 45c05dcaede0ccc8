import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'
import { tableSentences } from './step.ts'

/** A backup or a drill can be had again at any time; somebody who needs data back cannot wait. */
const GIVE_WAY = ['backup', 'verify']

export const tables = part({
  name: 'tables',
  sentences: tableSentences,
  precedence: { outranks: { 'restore-table': GIVE_WAY } },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
