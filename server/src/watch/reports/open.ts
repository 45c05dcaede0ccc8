import type { OpenPart } from '../../parts/part.ts'
import type { Reports } from './reports.ts'
import { type ReportRoutePorts, reportRoutes } from './routes.ts'

export interface Needs extends ReportRoutePorts {
  reports: Reports
}

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'reports', everyMs: 10_000, work: () => needs.reports.tick() }],
  routes: app => reportRoutes(app, needs),
})
