import type { OpenPart } from '../../parts/part.ts'
import { metricsRoutes, type RoutePorts } from './routes.ts'

export type Needs = RoutePorts

const SYNC_MS = 5_000

export const open = (needs: Needs): OpenPart => ({
  timers:
    needs.prometheus === null
      ? []
      : [{ name: 'metrics', everyMs: SYNC_MS, work: () => needs.metrics.sync() }],
  alarms: () => needs.metrics.alarms(),
  routes: app => metricsRoutes(app, needs),
})
