import type { OpenPart } from '../../parts/part.ts'
import { maintenancePerformer, type PerformPorts } from './perform.ts'
import { type MaintenanceRoutePorts, maintenanceRoutes } from './routes.ts'
import type { MaintenanceStep } from './step.ts'

export interface Needs extends MaintenanceRoutePorts {
  maintenanceCommands: PerformPorts
}

export const open = (needs: Needs): OpenPart<MaintenanceStep> => ({
  perform: maintenancePerformer(needs.maintenanceCommands),
  timers: [{ name: 'maintenance', everyMs: 1_000, work: () => needs.maintenance.tick() }],
  alarms: () => needs.maintenance.alarms(),
  routes: app => maintenanceRoutes(app, needs),
})
