import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { begin } from '../../api/begin.ts'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { BackupRequest, Backups, RestorePoint, VerifyRequest } from './wire.ts'

export function backupRoutes(app: Routes, ports: ApiPorts): void {
  const { backups, drills } = ports
  const viewer = { permission: 'viewer' } as const
  const operator = { permission: 'operator' } as const

  app.get('/api/backups', { config: viewer, schema: { response: { 200: Backups } } }, async () => {
    const report = await backups.report()
    return { ...report, alarms: [...report.alarms, ...(await drills.alarms())] }
  })

  app.get(
    '/api/backups/points/:name',
    {
      config: viewer,
      schema: { params: z.object({ name: z.string() }), response: { 200: RestorePoint } },
    },
    request => backups.point(request.params.name),
  )

  const one = (place: string | undefined) => (place === undefined ? null : [place])
  app.post(
    '/api/backups',
    { config: operator, schema: { body: BackupRequest, response: { 200: ChangeAnswer } } },
    async request => {
      const { full, place } = request.body
      const plan = await backups.planNow({ how: full ? 'full' : 'auto', places: one(place) })
      return begin(ports, request as FastifyRequest, request.body, plan)
    },
  )
  app.post(
    '/api/backups/verify',
    { config: operator, schema: { body: VerifyRequest, response: { 200: ChangeAnswer } } },
    async request =>
      begin(
        ports,
        request as FastifyRequest,
        request.body,
        await backups.planVerify(one(request.body.place)),
      ),
  )
}
