import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const deploys = part({
  name: 'deploys',
  sentences: async () => (await import('./step.ts')).sentences,
  precedence: {
    // They read what is removed, and nobody needs them any more.
    outranks: { remove: ['backup', 'verify'] },
    // A replacement can be made again at any time: nobody waits for it.
    yields: ['replace'],
  },
  commands: {
    names: [
      'deploy',
      'promote',
      'db',
      'rollback',
      'forward',
      'switch',
      'scale',
      'restart',
      'stop',
      'start',
      'remove',
    ],
    load: () => import('./commands.ts'),
  },
  open: async (needs: Needs) => (await import('./open.ts')).open(needs),
})
