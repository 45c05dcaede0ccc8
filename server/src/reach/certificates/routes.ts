import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'
import type { Certificates } from './certificates.ts'
import { CertificateDetails, CertificateView } from './wire.ts'

interface Ports {
  certificates: Pick<Certificates, 'list' | 'show' | 'planNow'>
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  answer: Answer
}

/** Routes of certificates. What they show, every visitor is shown too; no key ever leaves the server. */
export function certificateRoutes(app: Routes, { certificates, knownApp, answer }: Ports): void {
  const viewer = { permission: 'viewer' } as const
  const ByApp = z.object({ app: z.string() })

  app.get(
    '/api/certificates',
    { config: { ...viewer, sorts: true }, schema: { response: { 200: z.array(CertificateView) } } },
    async request => (await certificates.list()).filter(one => request.permits(one.app)),
  )
  app.get(
    '/api/apps/:app/certificate',
    { config: viewer, schema: { params: ByApp, response: { 200: CertificateDetails } } },
    async request => {
      await knownApp(request.params.app)
      return certificates.show(request.params.app)
    },
  )
  app.post(
    '/api/apps/:app/certificate/renew',
    {
      config: { permission: 'operator' },
      schema: { params: ByApp, body: PlainRequest, response: { 200: ChangeAnswer } },
    },
    async request => {
      await knownApp(request.params.app)
      return answer(request, request.body, await certificates.planNow(request.params.app))
    },
  )
}
