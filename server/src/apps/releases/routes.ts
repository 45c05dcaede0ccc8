import { z } from 'zod'
import type { Actor } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import type { EventStreams } from '../../api/sse.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Audit } from '../../reach/people/audit.ts'
import { currentRelease } from '../app/app.ts'
import type { AppStore } from '../app/store.ts'
import type { AppStatus } from '../app/wire.ts'
import type { OneOff } from './one-off.ts'
import type { ReleaseStore } from './store.ts'
import type { Uploads } from './uploads.ts'
import { Release } from './wire.ts'

const ByApp = z.object({ app: z.string() })
const ByDigest = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) })
const MAX_UPLOAD = 2 * 1024 ** 3

const Command = z.object({
  argv: z.array(z.string()).min(1),
  service: z.string().optional(),
  release: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
})

export interface ReleasePorts {
  apps: Pick<AppStore, 'find'>
  releases: Pick<ReleaseStore, 'get' | 'list'>
  /** Failure `app.unknown`. */
  appStatus(actor: Actor, app: string): Promise<AppStatus>
  uploads: Uploads
  oneOff: OneOff
  audit: Pick<Audit, 'write' | 'ended'>
  events: EventStreams
}

export function releaseRoutes(app: Routes, ports: ReleasePorts): void {
  listRoute(app, ports)
  uploadRoutes(app, ports)
  commandRoute(app, ports)
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
        migrations: [...r.migrations],
        sizeBytes: r.sizeBytes,
        live: live(r.id),
        warm: status.services.some(s => s.instances.some(i => i.role === 'warm' && i.release === r.id)),
      }))
    },
  )
}

/** Source archives are named by their sha256, so that a client does not send one that is here already. */
function uploadRoutes(app: Routes, ports: ReleasePorts): void {
  app.get(
    '/api/uploads/:digest',
    {
      config: { permission: 'operator' },
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => ({ present: await ports.uploads.has(request.params.digest) }),
  )

  app.put(
    '/api/uploads/:digest',
    {
      config: { permission: 'operator' },
      bodyLimit: MAX_UPLOAD,
      schema: { params: ByDigest, response: { 200: z.object({ present: z.boolean() }) } },
    },
    async request => {
      await ports.uploads.save(request.params.digest, request.body as NodeJS.ReadableStream)
      return { present: true }
    },
  )
}

/** The release that a command runs in: the named one, or the live one of its service, or the app's current one. */
async function releaseFor(ports: ReleasePorts, name: string, { service, release }: z.infer<typeof Command>) {
  const live = (await ports.apps.find(name))?.live ?? {}
  const own = service === undefined ? undefined : live[service]?.release
  const id = release ?? own ?? currentRelease({ live })
  if (id !== null) return ports.releases.get(name, id)
  throw new Failure('app.unknown', `there is no release of ${name} to run it in`, {
    why: 'nothing of that name was deployed with success',
    fix: '`inn status`',
  })
}

function commandRoute(app: Routes, ports: ReleasePorts): void {
  app.post(
    '/api/apps/:app/commands',
    {
      config: { permission: 'operator' },
      schema: {
        params: z.object({ app: z.string() }),
        body: Command,
        summary:
          'Run one command in the release that serves; its lines and exit code come as server-sent events',
      },
    },
    async (request, reply) => {
      const { argv, service, env } = request.body
      const name = request.params.app
      const release = await releaseFor(ports, name, request.body)
      const told = { actor: request.actor.name, action: 'run', app: name, run: null, detail: argv.join(' ') }
      const entry = await ports.audit.write(told, 'begun')
      const stream = ports.events(request, reply)
      const onLine = (text: string) => stream.send({ text })
      const order = { app: name, release, service: service ?? null, argv, env, signal: stream.signal, onLine }
      try {
        const { code, signal } = await ports.oneOff(order)
        await ports.audit.ended(entry, code === 0 ? 'done' : `exit code ${code ?? signal}`)
        stream.send({ code: code ?? 1 })
      } catch (error) {
        await ports.audit.ended(entry, describe(error).what)
        stream.send({ failure: describe(error) })
      }
      stream.close()
    },
  )
}
