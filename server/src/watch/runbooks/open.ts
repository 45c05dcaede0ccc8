import type { OpenPart } from '../../parts/part.ts'
import type { createAutomatic } from './automatic.ts'
import { type RunbookRoutePorts, runbookRoutes } from './routes.ts'

export interface Needs extends RunbookRoutePorts {
  runbooks: RunbookRoutePorts['runbooks'] & { automatic: ReturnType<typeof createAutomatic> }
}

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'runbooks', everyMs: 10_000, work: () => needs.runbooks.automatic.tick() }],
  alarms: () => needs.runbooks.automatic.alarms(),
  routes: app => runbookRoutes(app, needs),
})
