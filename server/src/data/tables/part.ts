import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

/** Kinds of runs that give way: they can be repeated at any time, and somebody who needs data back cannot wait. */
const GIVE_WAY = ['backup', 'verify']

export const tables = part({
  name: 'tables',
  sentences: async () => (await import('./step.ts')).tableSentences,
  precedence: { outranks: { 'restore-table': GIVE_WAY } },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
