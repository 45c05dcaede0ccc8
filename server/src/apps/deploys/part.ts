import { part } from '../../parts/part.ts'
import type { Needs } from './open.ts'

export const deploys = part({
  name: 'deploys',
  sentences: async () => (await import('./step.ts')).sentences,
  precedence: {
    // They read what is removed, and nobody needs them any more.
    outranks: { remove: ['backup', 'verify'] },
    // Each can be made again at any time. Whoever waits for an app to wake waits for what a person does with it, too.
    yields: ['replace', 'sleep', 'wake', 'ahead'],
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
