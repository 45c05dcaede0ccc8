import type { OpenPart } from '../../parts/part.ts'
import { type JobRoutePorts, jobRoutes } from './routes.ts'

export type Needs = JobRoutePorts

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'jobs', everyMs: 1_000, work: () => needs.jobs.tick() }],
  alarms: () => needs.jobs.alarms(),
  routes: app => jobRoutes(app, needs),
})
