import type { OpenPart } from '../../parts/part.ts'
import { type StatusPageRoutePorts, statusPageRoutes } from './routes.ts'

export type Needs = StatusPageRoutePorts

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'status pages', everyMs: 5_000, work: () => needs.statusPages.tick() }],
  alarms: () => needs.statusPages.alarms(),
  routes: app => statusPageRoutes(app, needs),
})
