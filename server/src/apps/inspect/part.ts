import { part } from '../../parts/part.ts'

export const inspect = part({
  name: 'inspect',
  commands: { names: ['init', 'check', 'ci'], load: () => import('./commands.ts') },
})
