import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Audit } from '../../reach/audit/audit.ts'
import { recoveryPerformer } from './perform.ts'
import type { RecoveryPorts } from './ports.ts'
import type { Recovery } from './recovery.ts'
import { recoveryRoutes } from './routes.ts'
import type { RecoveryStep } from './step.ts'

export interface Needs {
  recoveryPorts: RecoveryPorts
  recovery: Recovery
  audit: Pick<Audit, 'write'>
  answer: Answer
}

export const open = ({ recoveryPorts, recovery, audit, answer }: Needs): OpenPart<RecoveryStep> => ({
  perform: recoveryPerformer(recoveryPorts),
  routes: app => recoveryRoutes(app, { recovery, audit, answer }),
})
