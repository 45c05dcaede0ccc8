import { z } from 'zod'
import type { Actor } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import type { AppStatus } from '../app/wire.ts'
import { originsOf } from './env-origin.ts'
import { builtIn } from './release.ts'
import { type CommandPorts, commandRoutes } from './routes-command.ts'
import type { ReleaseStore } from './store.ts'
import type { Uploads } from './uploads.ts'
import { EnvName, Release } from './wire.ts'

const ByApp = z.object({ app: z.string() })
const ByDigest = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) })
const MAX_UPLOAD = 2 * 1024 ** 3

export interface ReleasePorts extends CommandPorts {
  releases: Pick<ReleaseStore, 'get' | 'list' | 'env'>
  /** Failure `app.unknown`. */
  appStatus(actor: Actor, app: string): Promise<AppStatus>
  uploads: Uploads
}

export function releaseRoutes(app: Routes, ports: ReleasePorts): void {
  listRoute(app, ports)
  envRoute(app, ports)
  uploadRoutes(app, ports)
  commandRoutes(app, ports)
}

function listRoute(app: Routes, ports: ReleasePorts): void {
  const viewer = { permission: 'viewer' } as const
  app.get(
    '/api/apps/:app/releases',
    { config: viewer, schema: { params: ByApp, response: { 200: z.array(Release) } } },
    async request => {
      const status = await ports.appStatus(request.actor, request.params.app)
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
        builtIn: builtIn(r),
        migrations: [...r.migrations],
        sizeBytes: r.sizeBytes,
        live: live(r.id),
        warm: status.services.some(s => s.instances.some(i => i.role === 'warm' && i.release === r.id)),
      }))
    },
  )
}

/** Names alone: values leave the server only for a command that is run there. */
function envRoute(app: Routes, ports: ReleasePorts): void {
  app.get(
    '/api/apps/:app/env',
    { config: { permission: 'operator' }, schema: { params: ByApp, response: { 200: z.array(EnvName) } } },
    async request => {
      const { name, services } = await ports.appStatus(request.actor, request.params.app)
      const found = services.map(async ({ name: service, release }) => {
        if (release === null) return []
        const { config } = await ports.releases.get(name, release)
        const names = Object.keys((await ports.releases.env(name, release))[service] ?? {})
        return originsOf(config, service, names)
      })
      return (await Promise.all(found)).flat()
    },
  )
}

/** An archive is of no app until it is deployed. */
const uploaded = { permission: 'operator', sorts: true, verb: 'deploy' } as const

/** Source archives are named by their sha256, so that a client does not send one that is here already. */
function uploadRoutes(app: Routes, ports: ReleasePorts): void {
  app.get(
    '/api/uploads/:digest',
    {
      config: uploaded,
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => ({ present: await ports.uploads.has(request.params.digest) }),
  )

  app.put(
    '/api/uploads/:digest',
    {
      config: uploaded,
      bodyLimit: MAX_UPLOAD,
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => {
      await ports.uploads.save(request.params.digest, request.body as NodeJS.ReadableStream)
      return { present: true }
    },
  )
}
