import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import type { OpenPart } from '../../parts/part.ts'
import { type Probes, TICK_MS } from './probes.ts'
import { viewOf } from './view.ts'
import { ProbeView } from './wire.ts'

export interface Needs {
  probes: Probes
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

export const open = ({ probes, knownApp }: Needs): OpenPart => ({
  timers: [{ name: 'probes', everyMs: TICK_MS, work: () => probes.tick() }],
  alarms: () => probes.alarms(),
  routes: app => probeRoute(app, { probes, knownApp }),
})

function probeRoute(app: Routes, { probes, knownApp }: Needs): void {
  app.get(
    '/api/probes',
    {
      config: { permission: 'viewer', sorts: true },
      schema: {
        summary: 'Every probe with its last result',
        querystring: z.object({ app: z.string().optional() }),
        response: { 200: z.array(ProbeView) },
      },
    },
    async request => {
      const { app: name } = request.query
      if (name !== undefined) request.demand(name)
      if (name !== undefined) await knownApp(name)
      return (await probes.list())
        .filter(({ probing: { app: of } }) => request.permits(of) && (name === undefined || of === name))
        .map(viewOf)
    },
  )
}
