import type { OpenPart } from '../../parts/part.ts'
import { type IncidentRoutePorts, incidentRoutes } from './routes.ts'

export type Needs = IncidentRoutePorts

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'incidents', everyMs: 10_000, work: () => needs.incidents.tick() }],
  alarms: () => needs.incidents.alarms(),
  routes: app => incidentRoutes(app, needs),
})
