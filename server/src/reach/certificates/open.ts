import type { Answer } from '../../api/begin.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Step } from '../../engine/plan.ts'
import type { OpenPart } from '../../parts/part.ts'
import { createCertificates } from './certificates.ts'
import { certificatePerformer } from './perform.ts'
import type { CertificatePorts } from './ports.ts'
import { certificateRoutes } from './routes.ts'
import type { CertificateStep } from './step.ts'

export interface Needs {
  certificatePorts: CertificatePorts
  engine: Engine<Step>
  knownApp(app: string): Promise<unknown>
  answer: Answer
}

export function open({ certificatePorts, engine, knownApp, answer }: Needs): OpenPart<CertificateStep> {
  const certificates = createCertificates({ ports: certificatePorts, engine })
  return {
    perform: certificatePerformer(certificatePorts),
    timers: [
      { name: 'certificates', everyMs: 3_000, work: () => certificates.tick() },
      { name: 'renewal windows', everyMs: 60_000, work: () => certificates.ask() },
    ],
    alarms: () => certificates.alarms(),
    routes: app => certificateRoutes(app, { certificates, knownApp, answer }),
  }
}
