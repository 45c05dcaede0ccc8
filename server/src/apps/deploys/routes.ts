import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer, PlainRequest } from '../../engine/wire-change.ts'
import type { Deployer } from './deployer.ts'
import {
  DeployRequest,
  PromotionRequest,
  RemoveRequest,
  RollbackRequest,
  ScaleRequest,
  SwitchRequest,
} from './wire.ts'

const ByApp = z.object({ app: z.string() })

interface Ports {
  deployer: Deployer
  answer: Answer
}

const schema = <B extends z.ZodType>(body: B) => ({ params: ByApp, body, response: { 200: ChangeAnswer } })
const operator = { permission: 'operator' } as const

export function deployRoutes(app: Routes, ports: Ports): void {
  deployRoute(app, ports)
  changeRoutes(app, ports)
}

function deployRoute(app: Routes, { deployer, answer }: Ports): void {
  app.post('/api/apps/:app/deploys', { config: operator, schema: schema(DeployRequest) }, async request => {
    const plan = await deployer.planDeploy(request.params.app, request.body, request.actor.role)
    return answer(request, request.body, plan)
  })
}

function changeRoutes(app: Routes, { deployer, answer }: Ports): void {
  const at = (what: string) => `/api/apps/:app/${what}`
  const admin = { permission: 'admin' } as const
  app.post(at('promotions'), { config: operator, schema: schema(PromotionRequest) }, async request => {
    const { params, body, actor } = request
    return answer(request, body, await deployer.planPromotion(params.app, body, actor.role))
  })
  app.post(at('rollback'), { config: operator, schema: schema(RollbackRequest) }, async request => {
    const { release, forward } = request.body
    const plan = await deployer.planRollback(request.params.app, release ?? (forward ? 'forward' : 'back'))
    return answer(request, request.body, plan)
  })
  app.post(at('switch'), { config: operator, schema: schema(SwitchRequest) }, async request =>
    answer(request, request.body, await deployer.planSwitch(request.params.app, request.body.colour)),
  )
  app.post(at('scale'), { config: operator, schema: schema(ScaleRequest) }, async request =>
    answer(request, request.body, await deployer.planScale(request.params.app, request.body.instances)),
  )
  app.post(at('restart'), { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planRestart(request.params.app, null)),
  )
  app.post(at('database-seed'), { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planSeed(request.params.app)),
  )
  app.post(at('database-reset'), { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planReset(request.params.app)),
  )
  app.post(at('stop'), { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStop(request.params.app)),
  )
  app.post(at('start'), { config: operator, schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStart(request.params.app)),
  )
  app.post(at('remove'), { config: admin, schema: schema(RemoveRequest) }, async request =>
    answer(request, request.body, await deployer.planRemove(request.params.app, request.body)),
  )
}
