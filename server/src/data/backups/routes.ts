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
  const operator = { permission: 'operator' } as const

  app.get(
    '/api/backups',
    {
      config: viewer,
      schema: { querystring: BackupsQuery, response: { 200: BackupsView } },
      serializerCompiler: () => reportWriter(),
    },
    async request => {
      const { app: owner, soon } = request.query
      const report = await backups.report(owner ?? null, soon)
      return { ...report, alarms: [...report.alarms, ...(await drillAlarms({ soon }))] }
    },
  )

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
      const { app: owner, full, place } = request.body
      const plan = await backups.planNow({ app: owner, how: full ? 'full' : 'auto', places: one(place) })
      return answer(request as FastifyRequest, request.body, plan)
    },
  )
  app.post(
    '/api/backups/verify',
    { config: operator, schema: { body: VerifyRequest, response: { 200: ChangeAnswer } } },
    async request => {
      const { app: owner, place } = request.body
      return answer(request as FastifyRequest, request.body, await backups.planVerify(owner, one(place)))
    },
  )
}
