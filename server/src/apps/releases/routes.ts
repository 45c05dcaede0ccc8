import { z } from 'zod'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'

const ByDigest = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) })
const MAX_UPLOAD = 2 * 1024 ** 3

/** Source archives, named by their sha256: one that is here already is not sent again. */
export function uploadRoutes(app: Routes, ports: ApiPorts): void {
  app.get(
    '/api/uploads/:digest',
    {
      config: { permission: 'operator' },
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => ({ present: await ports.hasUpload(request.params.digest) }),
  )

  app.put(
    '/api/uploads/:digest',
    {
      config: { permission: 'operator' },
      bodyLimit: MAX_UPLOAD,
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => {
      await ports.saveUpload(request.params.digest, request.body as NodeJS.ReadableStream)
      return { present: true }
    },
  )
}
