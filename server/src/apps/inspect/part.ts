import { part } from '../../parts/part.ts'

export const inspect = part({
  name: 'inspect',
  commands: () => import('./commands.ts'),
})
