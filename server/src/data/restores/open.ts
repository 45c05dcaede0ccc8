import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import { restorePerformer } from './perform.ts'
import type { RestoresPorts } from './ports.ts'
import type { Restores } from './restores.ts'
import { restoreRoutes } from './routes.ts'
import type { RestoreStep } from './step.ts'

export interface Needs {
  restorePorts: RestoresPorts
  restores: Restores
  answer: Answer
}

export const open = ({ restorePorts, restores, answer }: Needs): OpenPart<RestoreStep> => ({
  perform: restorePerformer(restorePorts),
  routes: app => restoreRoutes(app, { restores, answer }),
})
