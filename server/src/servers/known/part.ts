import { part } from '../../parts/part.ts'

export const known = part({
  name: 'known',
  commands: { names: ['server'], load: () => import('./commands.ts') },
})
