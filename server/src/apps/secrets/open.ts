import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { SecretPorts } from './ports.ts'
import { createSecrets, type Secrets } from './secrets.ts'
import {
  DiffRequest,
  ReferencesRequest,
  RefreshRequest,
  SecretsDiff,
  SecretsRequest,
  SecretValue,
  SecretView,
} from './wire.ts'

export interface Needs extends Omit<SecretPorts, 'random' | 'provider' | 'audit'> {
  deployPorts: Pick<SecretPorts, 'random' | 'provider'>
  answer: Answer
  /** Who has read a value. */
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string; run?: string }): Promise<unknown>
  }
}

const ByApp = z.object({ app: z.string() })
const operator = { permission: 'operator', verb: 'secrets' } as const
/** Whoever may read one secret of an app can be the app anywhere else. */
const admin = { permission: 'admin' } as const
/** Whoever names a command that runs on the server is an admin of the server, and not of some apps. */
const server = { permission: 'admin', sorts: true } as const

export function open({ answer, audit, deployPorts, ...ports }: Needs): OpenPart {
  const { random, provider } = deployPorts
  const secrets = createSecrets({ ...ports, audit, random, provider })
  return {
    timers: [{ name: 'graces', everyMs: 60_000, work: () => secrets.endGraces() }],
    alarms: () => secrets.alarms(),
    routes(app) {
      readRoutes(app, secrets, audit)
      const schema = {
        summary: 'Gives an app other values for its secrets, by a release of the same files',
        params: ByApp,
        body: SecretsRequest,
        response: { 200: ChangeAnswer },
      }
      app.post('/api/apps/:app/secrets', { config: { ...operator, wakes: true }, schema }, async request =>
        answer(request, request.body, await secrets.plan(request.params.app, request.body)),
      )
      referenceRoutes(app, secrets, answer)
    },
  }
}

function referenceRoutes(app: Routes, secrets: Secrets, answer: Answer): void {
  const { references } = secrets
  const named = {
    summary: 'Names commands that say the values of secrets, and gives the credentials of such commands',
    ...{ params: ByApp, body: ReferencesRequest, response: { 200: ChangeAnswer } },
  }
  app.post('/api/apps/:app/secrets/references', { config: server, schema: named }, async request => {
    request.demand(null)
    return answer(request, request.body, await references.plan(request.params.app, request.body))
  })
  const refreshed = {
    summary:
      'Asks the commands of an app for the values of its secrets; other values come by a release of the same files',
    ...{ params: ByApp, body: RefreshRequest, response: { 200: ChangeAnswer } },
  }
  app.post(
    '/api/apps/:app/secrets/refresh',
    { config: { ...operator, wakes: true }, schema: refreshed },
    async request =>
      answer(request, request.body, await references.refresh(request.params.app, request.body)),
  )
}

function readRoutes(app: Routes, secrets: Secrets, audit: Needs['audit']): void {
  const listed = {
    summary: 'The secrets of an app, without their values',
    params: ByApp,
    response: { 200: z.array(SecretView) },
  }
  app.get('/api/apps/:app/secrets', { config: operator, schema: listed }, request =>
    secrets.list(request.params.app),
  )
  const compared = {
    summary: 'How given values differ from what is kept, by their names',
    ...{ params: ByApp, body: DiffRequest, response: { 200: SecretsDiff } },
  }
  app.post('/api/apps/:app/secrets/diff', { config: operator, schema: compared }, request =>
    secrets.diff(request.params.app, request.body.values),
  )
  const read = {
    summary: 'The value of one secret; the audit log says who has read it',
    ...{ params: z.object({ app: z.string(), name: z.string() }), response: { 200: SecretValue } },
  }
  app.get('/api/apps/:app/secrets/:name', { config: admin, schema: read }, async request => {
    const { app: of, name } = request.params
    const value = await secrets.get(of, name)
    await audit.write({ actor: request.actor.name, action: 'secret read', app: of, detail: name })
    return { name, value }
  })
}
