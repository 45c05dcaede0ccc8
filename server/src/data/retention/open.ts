import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import { retentionPerformer } from './perform.ts'
import type { RetentionsPorts } from './ports.ts'
import type { Retentions } from './retentions.ts'
import { retentionRoutes } from './routes.ts'
import type { RetentionStep } from './step.ts'

export interface Needs {
  retentionPorts: RetentionsPorts
  retentions: Retentions
  answer: Answer
}

export const open = ({ retentionPorts, retentions, answer }: Needs): OpenPart<RetentionStep> => ({
  perform: retentionPerformer(retentionPorts),
  timers: [{ name: 'retention', everyMs: 30_000, work: () => retentions.tick() }],
  alarms: () => retentions.alarms(),
  routes: app => retentionRoutes(app, { retentions, answer }),
})
