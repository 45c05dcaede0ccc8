import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import type { RunRow } from '../../engine/journal.ts'
import type { TrafficHistory } from './traffic.ts'
import { Traffic } from './wire.ts'

const ByApp = z.object({ app: z.string() })

interface Ports {
  traffic: TrafficHistory
  /** Newest first. */
  runs(app: string, limit: number): RunRow[]
}

export function trafficRoutes(app: Routes, ports: Ports): void {
  const viewer = { permission: 'viewer' } as const
  const minutes = z.object({ minutes: z.coerce.number().int().min(1).max(4320).default(30) })
  app.get(
    '/api/apps/:app/traffic',
    { config: viewer, schema: { params: ByApp, querystring: minutes, response: { 200: Traffic } } },
    async request => {
      const window = await ports.traffic.window(request.params.app, request.query.minutes)
      const from = window.points[0]?.at ?? 0
      const marks = ports
        .runs(request.params.app, 200)
        .filter(
          r =>
            r.startedAt >= from &&
            ['deploy', 'rollback', 'switch'].includes(r.plan.kind) &&
            (r.outcome === 'done' || r.outcome === 'done-but'),
        )
        .map(r => ({
          at: r.endedAt ?? r.startedAt,
          label: `${r.plan.kind} ${r.plan.release ?? ''}`.trim(),
          run: r.id,
        }))
      return { ...window, marks }
    },
  )
}
