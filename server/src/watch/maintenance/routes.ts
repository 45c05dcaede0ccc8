import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { iso } from '../../kernel/moments.ts'
import type { Maintenance } from './maintenance.ts'
import type { Window } from './rule.ts'
import { MaintenanceRequest, MaintenanceView } from './wire.ts'

export interface MaintenanceRoutePorts {
  maintenance: Maintenance
  /** Failure `app.unknown`. */
  knownApp(name: string): Promise<unknown>
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string }): Promise<unknown>
  }
}

const LATEST = 50

export function maintenanceRoutes(
  app: Routes,
  { maintenance, knownApp, audit }: MaintenanceRoutePorts,
): void {
  app.get(
    '/api/maintenance',
    {
      config: { permission: 'viewer', sorts: true, verb: 'any' },
      schema: {
        summary: 'Times in which people work on apps, those to come and the last ones',
        response: { 200: z.array(MaintenanceView) },
      },
    },
    async request =>
      (await maintenance.list())
        .filter(one => request.permits(one.app))
        .slice(0, LATEST)
        .map(viewOf),
  )
  app.post(
    '/api/apps/:app/maintenance',
    {
      config: { permission: 'operator' },
      schema: {
        summary: 'Plans a time in which visitors of an app are kept out',
        params: z.object({ app: z.string() }),
        body: MaintenanceRequest,
        response: { 200: MaintenanceView },
      },
    },
    async request => {
      const { app: name } = request.params
      await knownApp(name)
      const actor = request.actor.name
      const planned = await maintenance.plan(name, request.body, actor)
      const detail = [iso(planned.beginsAt), iso(planned.endsAt), ...planned.commands].join(' ')
      await audit.write({ actor, action: 'maintenance plan', app: name, detail: `${planned.id}: ${detail}` })
      return viewOf(planned)
    },
  )
  app.post(
    '/api/maintenance/:id/end',
    {
      config: { permission: 'operator', sorts: true },
      schema: {
        summary: 'Lets visitors in again, or cancels what is planned',
        params: z.object({ id: z.coerce.number().int() }),
        body: z.object({}),
        response: { 200: MaintenanceView },
      },
    },
    async request => {
      const { id } = request.params
      const { app: name } = await maintenance.known(id)
      request.demand(name)
      const ended = await maintenance.end(id)
      await audit.write({
        actor: request.actor.name,
        action: 'maintenance end',
        app: name,
        detail: String(id),
      })
      return viewOf(ended)
    },
  )
}

const viewOf = ({
  id,
  app,
  state,
  beginsAt,
  endsAt,
  text,
  allow,
  commands,
  by,
  run,
}: Window): MaintenanceView => ({
  ...{ id, app, state, beginsAt: iso(beginsAt), endsAt: iso(endsAt), text, by, run },
  ...{ allow: [...allow], commands: [...commands] },
})
