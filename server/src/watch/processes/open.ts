import type { OpenPart } from '../../parts/part.ts'
import type { Group } from './processes.ts'
import { Top } from './wire.ts'

export interface Needs {
  /** What uses the machine now; takes half a second. */
  busiest(): Promise<Group[]>
  machine(): Omit<Top, 'groups'>
}

export const open = ({ busiest, machine }: Needs): OpenPart => ({
  routes(app) {
    app.get(
      '/api/top',
      { config: { permission: 'viewer' }, schema: { response: { 200: Top } } },
      async () => ({ ...machine(), groups: await busiest() }),
    )
  },
})
