import { z } from 'zod'
import type { OpenPart } from '../../parts/part.ts'
import { type PlacementPorts, placement } from './placement.ts'
import { Placement } from './wire.ts'

export interface Needs {
  placement: PlacementPorts
}

export const open = ({ placement: ports }: Needs): OpenPart => ({
  routes(routes) {
    routes.get(
      '/api/apps/:app/placement',
      {
        config: { permission: 'viewer' },
        schema: {
          summary: 'Where each part of an app is, and why there',
          params: z.object({ app: z.string() }),
          response: { 200: Placement },
        },
      },
      ({ params }) => placement(ports, params.app),
    )
  },
})
