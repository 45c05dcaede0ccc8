import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { begin } from '../../api/begin.ts'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import type { Plan } from '../../engine/plan.ts'
import { RunSummary } from '../../engine/wire.ts'
import {
  ChangeAnswer,
  DeployRequest,
  PlainRequest,
  RemoveRequest,
  RollbackRequest,
  ScaleRequest,
  SwitchRequest,
} from '../../engine/wire-change.ts'
import { Failure } from '../../kernel/failure.ts'
import { AppStatus, Traffic } from '../../watch/status/wire.ts'
import { Release } from '../releases/wire.ts'
import type { DeployStep } from './step.ts'

const ByApp = z.object({ app: z.string() })

export function appRoutes(app: Routes, ports: ApiPorts): void {
  readRoutes(app, ports)
  changeRoutes(app, ports)
}

async function statusOf(
  ports: ApiPorts,
  request: FastifyRequest,
  name: string,
): Promise<z.infer<typeof AppStatus>> {
  const found = (await ports.status(request.actor)).apps.find(a => a.name === name)
  if (found !== undefined) return found
  throw new Failure('app.unknown', `there is no app ${name}`, {
    why: 'nothing of that name was deployed here',
    fix: 'inn status lists the apps',
  })
}

function readRoutes(app: Routes, ports: ApiPorts): void {
  const viewer = { permission: 'viewer' } as const
  app.get(
    '/api/apps/:app',
    { config: viewer, schema: { params: ByApp, response: { 200: AppStatus } } },
    request => statusOf(ports, request, request.params.app),
  )

  app.get(
    '/api/apps/:app/releases',
    { config: viewer, schema: { params: ByApp, response: { 200: z.array(Release) } } },
    async request => {
      const status = await statusOf(ports, request, request.params.app)
      const live = (id: string) => status.services.filter(s => s.release === id).map(s => s.name)
      return (await ports.releases.list(status.name)).map(r => ({
        id: r.id,
        app: r.app,
        createdAt: new Date(r.createdAt).toISOString(),
        actor: r.actor,
        state: r.state,
        source: r.source,
        commit: r.commit,
        built: Object.entries(r.artifacts).flatMap(([service, from]) => (from === r.id ? [service] : [])),
        migrations: [...r.migrations],
        sizeBytes: r.sizeBytes,
        live: live(r.id),
        warm: status.services.some(s => s.instances.some(i => i.role === 'warm' && i.release === r.id)),
      }))
    },
  )

  app.get(
    '/api/apps/:app/runs',
    { config: viewer, schema: { params: ByApp, response: { 200: z.array(RunSummary) } } },
    async request => ports.runs(request.params.app, 50).map(ports.view.summary),
  )

  const minutes = z.object({ minutes: z.coerce.number().int().min(1).max(4320).default(30) })
  app.get(
    '/api/apps/:app/traffic',
    { config: viewer, schema: { params: ByApp, querystring: minutes, response: { 200: Traffic } } },
    async request => {
      const window = await ports.traffic.window(request.params.app, request.query.minutes)
      const from = window.points[0]?.at ?? 0
      const marks = ports
        .runs(request.params.app, 200)
        .filter(
          r =>
            r.startedAt >= from &&
            ['deploy', 'rollback', 'switch'].includes(r.plan.kind) &&
            (r.outcome === 'done' || r.outcome === 'done-but'),
        )
        .map(r => ({
          at: r.endedAt ?? r.startedAt,
          label: `${r.plan.kind} ${r.plan.release ?? ''}`.trim(),
          run: r.id,
        }))
      return { ...window, marks }
    },
  )
}

function changeRoutes(app: Routes, ports: ApiPorts): void {
  const { deployer } = ports
  const answer = (request: FastifyRequest, asked: { plan: boolean }, plan: Plan<DeployStep>) =>
    begin(ports, request, asked, plan)
  const schema = <B extends z.ZodType>(body: B) => ({ params: ByApp, body, response: { 200: ChangeAnswer } })
  const operator = { permission: 'operator' } as const

  app.post('/api/apps/:app/deploys', { config: operator, schema: schema(DeployRequest) }, async request => {
    const { app: name } = request.params
    for (;;) {
      try {
        return await answer(
          request,
          request.body,
          await deployer.planDeploy(name, request.body, request.actor.role),
        )
      } catch (error) {
        // Planned anew when the other run has ended: what it planned on has changed.
        if (!(request.body.wait && error instanceof Failure && error.code === 'run.locked')) throw error
        await ports.engine.ended(String(error.facts['run']))
        await request.admitted()
      }
    }
  })
  app.post('/api/apps/:app/rollback', { config: operator, schema: schema(RollbackRequest) }, async request =>
    answer(
      request,
      request.body,
      await deployer.planRollback(request.params.app, request.body.release ?? null),
    ),
  )
  app.post('/api/apps/:app/switch', { config: operator, schema: schema(SwitchRequest) }, async request =>
    answer(request, request.body, await deployer.planSwitch(request.params.app, request.body.colour)),
  )
  app.post('/api/apps/:app/scale', { config: operator, schema: schema(ScaleRequest) }, async request =>
    answer(request, request.body, await deployer.planScale(request.params.app, request.body.instances)),
  )
  app.post('/api/apps/:app/restart', { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planRestart(request.params.app, null)),
  )
  app.post('/api/apps/:app/stop', { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStop(request.params.app)),
  )
  app.post(
    '/api/apps/:app/remove',
    { config: { permission: 'admin' }, schema: schema(RemoveRequest) },
    async request =>
      answer(request, request.body, await deployer.planRemove(request.params.app, request.body)),
  )
  app.post('/api/apps/:app/start', { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStart(request.params.app)),
  )
}
