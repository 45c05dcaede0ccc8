import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Drills } from './drills.ts'
import { drillPerformer } from './perform.ts'
import type { DrillsPorts } from './ports.ts'
import { drillRoutes } from './routes.ts'
import type { DrillStep } from './step.ts'

export interface Needs {
  drillPorts: DrillsPorts
  drills: Drills
  answer: Answer
}

export const open = ({ drillPorts, drills, answer }: Needs): OpenPart<DrillStep> => ({
  perform: drillPerformer(drillPorts),
  timers: [{ name: 'drills', everyMs: 60_000, work: () => drills.tick() }],
  alarms: () => drills.alarms(),
  routes: app => drillRoutes(app, { drills, answer }),
})
