import { type Perform, performing } from '../../engine/run.ts'
import { putAside, putBack } from './perform-cluster.ts'
import { recoverData } from './perform-data.ts'
import type { RecoveryPorts } from './ports.ts'
import type { RecoveryStep } from './step.ts'

/** What each kind of step does. */
export const recoveryPerformer = (ports: RecoveryPorts): Perform<RecoveryStep> =>
  performing<RecoveryStep>({
    'recover.data': (s, c) => recoverData(ports, s, c),
    'recover.aside': s => putAside(ports.of(s.app), s),
    'recover.back': s => putBack(ports.of(s.app), s),
  })
