import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Deployer } from './deployer.ts'
import { deployPerformer } from './perform.ts'
import type { DeployPorts } from './ports.ts'
import { deployRoutes } from './routes.ts'
import type { DeployStep } from './step.ts'

export interface Needs {
  deployPorts: DeployPorts
  deployer: Deployer
  answer: Answer
}

export const open = ({ deployPorts, deployer, answer }: Needs): OpenPart<DeployStep> => ({
  perform: deployPerformer(deployPorts),
  timers: [
    { name: 'retire', everyMs: 2_000, work: () => deployer.retireDue() },
    { name: 'given', everyMs: 60_000, work: () => deployer.forgetGiven() },
  ],
  routes: app => deployRoutes(app, { deployer, answer }),
})
