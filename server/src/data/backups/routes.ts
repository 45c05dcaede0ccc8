import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Backups } from './backups.ts'
import { BackupRequest, BackupsQuery, Backups as BackupsView, RestorePoint, VerifyRequest } from './wire.ts'

interface Ports {
  backups: Backups
  /** Alarms about drills. They are shown with the backups, because only a restore shows what a backup is worth. */
  drillAlarms(how: { soon: boolean }): Promise<Alarm[]>
  answer: Answer
}

/**
 * Writes a report as JSON. To check a thousand restore points against the schema, or to write them again, takes longer
 * than all the rest: the compiler checks them, and they are written when one has changed.
 */
function reportWriter(): (report: unknown) => string {
  const written = new WeakMap<object, string>()
  return report => {
    const { points, ...rest } = report as BackupsView
    const known = written.get(points) ?? JSON.stringify(points)
    written.set(points, known)
    return `{"points":${known},${JSON.stringify(rest).slice(1)}`
  }
}

export function backupRoutes(app: Routes, { backups, drillAlarms, answer }: Ports): void {
  const viewer = { permission: 'viewer' } as const
  const operator = { permission: 'operator', sorts: true, verb: 'backup' } as const

  app.get(
    '/api/backups',
    {
      config: { ...viewer, sorts: true },
      schema: { querystring: BackupsQuery, response: { 200: BackupsView } },
      serializerCompiler: () => reportWriter(),
    },
    async request => {
      const { app: owner, soon } = request.query
      if (owner !== undefined) request.demand(owner)
      const report = await backups.report(owner ?? null, soon)
      const alarms = [...report.alarms, ...(await drillAlarms({ soon }))]
      if (request.permits(null)) return { ...report, alarms }
      return {
        places: report.places.filter(place => request.permits(place.app)),
        points: report.points.filter(point => request.permits(point.app)),
        alarms: alarms.filter(alarm => request.permits(alarm.app ?? null)),
      }
    },
  )

  app.get(
    '/api/backups/points/:name',
    {
      config: { ...viewer, sorts: true },
      schema: { params: z.object({ name: z.string() }), response: { 200: RestorePoint } },
    },
    async request => {
      const point = await backups.point(request.params.name)
      request.demand(point.app)
      return point
    },
  )

  const one = (place: string | undefined) => (place === undefined ? null : [place])
  app.post(
    '/api/backups',
    {
      config: { ...operator, proposal: true },
      schema: { body: BackupRequest, response: { 200: ChangeAnswer } },
    },
    async request => {
      const { app: owner, full, place } = request.body
      request.demand(owner)
      const plan = await backups.planNow({ app: owner, how: full ? 'full' : 'auto', places: one(place) })
      return answer(request as FastifyRequest, request.body, plan)
    },
  )
  app.post(
    '/api/backups/verify',
    { config: operator, schema: { body: VerifyRequest, response: { 200: ChangeAnswer } } },
    async request => {
      const { app: owner, place } = request.body
      request.demand(owner)
      return answer(request as FastifyRequest, request.body, await backups.planVerify(owner, one(place)))
    },
  )
}
