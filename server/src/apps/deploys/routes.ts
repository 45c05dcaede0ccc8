import { z } from 'zod'
import { type Actor, mayIn } from '../../api/actor.ts'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import type { Role, Verb } from '../../api/wire.ts'
import { appKey, parseApp } from '../../config/app-key.ts'
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
/** No token that is held to verbs. */
const unheld = { permission: 'operator' } as const
const operator = (verb: Verb) => ({ permission: 'operator', verb }) as const
/** An assistant may ask for it, too. */
const proposed = (verb: Verb) => ({ ...operator(verb), proposal: true }) as const

/** An admin of one app is none of the server, whose places and files all apps share. */
const roleOf = (actor: Actor): Role => (mayIn(actor, 'admin', null) ? 'admin' : 'operator')

export function deployRoutes(app: Routes, ports: Ports): void {
  deployRoute(app, ports)
  changeRoutes(app, ports)
}

function deployRoute(app: Routes, { deployer, answer }: Ports): void {
  app.post(
    '/api/apps/:app/deploys',
    { config: { ...operator('deploy'), wakes: true }, schema: schema(DeployRequest) },
    async request => {
      const plan = await deployer.planDeploy(request.params.app, request.body, roleOf(request.actor))
      return answer(request, request.body, plan)
    },
  )
}

function changeRoutes(app: Routes, { deployer, answer }: Ports): void {
  const at = (what: string) => `/api/apps/:app/${what}`
  const admin = { permission: 'admin' } as const
  app.post(
    at('promotions'),
    { config: { ...operator('promote'), wakes: true }, schema: schema(PromotionRequest) },
    async request => {
      const { params, body } = request
      // Whoever may not see the other environment brings nothing out of it either.
      request.demand(appKey({ ...parseApp(params.app), environment: body.from }))
      return answer(request, body, await deployer.planPromotion(params.app, body, roleOf(request.actor)))
    },
  )
  app.post(
    at('rollback'),
    { config: { ...proposed('rollback'), wakes: true }, schema: schema(RollbackRequest) },
    async request => {
      const { release, forward } = request.body
      const plan = await deployer.planRollback(request.params.app, release ?? (forward ? 'forward' : 'back'))
      return answer(request, request.body, plan)
    },
  )
  app.post(
    at('switch'),
    { config: { ...proposed('rollback'), wakes: true }, schema: schema(SwitchRequest) },
    async request =>
      answer(request, request.body, await deployer.planSwitch(request.params.app, request.body.colour)),
  )
  app.post(
    at('scale'),
    { config: { ...proposed('scale'), wakes: true }, schema: schema(ScaleRequest) },
    async request =>
      answer(request, request.body, await deployer.planScale(request.params.app, request.body.instances)),
  )
  app.post(
    at('restart'),
    { config: { ...proposed('restart'), wakes: true }, schema: schema(PlainRequest) },
    async request => answer(request, request.body, await deployer.planRestart(request.params.app, null)),
  )
  app.post(
    at('database-seed'),
    { config: { ...unheld, wakes: true }, schema: schema(PlainRequest) },
    async request => answer(request, request.body, await deployer.planSeed(request.params.app)),
  )
  app.post(
    at('database-reset'),
    { config: { ...unheld, wakes: true }, schema: schema(PlainRequest) },
    async request => answer(request, request.body, await deployer.planReset(request.params.app)),
  )
  app.post(at('stop'), { config: proposed('stop'), schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStop(request.params.app)),
  )
  app.post(at('start'), { config: proposed('start'), schema: schema(PlainRequest) }, async request =>
    answer(request, request.body, await deployer.planStart(request.params.app)),
  )
  app.post(at('remove'), { config: admin, schema: schema(RemoveRequest) }, async request =>
    answer(request, request.body, await deployer.planRemove(request.params.app, request.body)),
  )
}
