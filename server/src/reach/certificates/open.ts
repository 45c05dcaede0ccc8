import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Certificates } from './certificates.ts'
import { certificatePerformer } from './perform.ts'
import type { CertificatePorts } from './ports.ts'
import { certificateRoutes } from './routes.ts'
import type { CertificateStep } from './step.ts'

export interface Needs {
  certificatePorts: CertificatePorts
  certificates: Certificates
  knownApp(app: string): Promise<unknown>
  answer: Answer
}

export const open = ({
  certificatePorts,
  certificates,
  knownApp,
  answer,
}: Needs): OpenPart<CertificateStep> => ({
  perform: certificatePerformer(certificatePorts),
  timers: [
    { name: 'certificates', everyMs: 3_000, work: () => certificates.tick() },
    { name: 'renewal windows', everyMs: 60_000, work: () => certificates.ask() },
  ],
  alarms: () => certificates.alarms(),
  routes: app => certificateRoutes(app, { certificates, knownApp, answer }),
})
