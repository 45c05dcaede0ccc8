import { z } from 'zod'
import type { ApiPorts } from '../../api/ports.ts'
import type { Routes } from '../../api/routes.ts'
import { eventStream } from '../../api/sse.ts'
import type { RunRow } from '../../engine/journal.ts'
import { Run, RunSummary } from '../../engine/wire.ts'
import { describe, Failure } from '../../kernel/failure.ts'

const ById = z.object({ id: z.string() })
const Command = z.object({
  argv: z.array(z.string()).min(1),
  service: z.string().optional(),
  release: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
})

export function runRoutes(app: Routes, ports: ApiPorts): void {
  readRoutes(app, ports)
  eventRoute(app, ports)
  undoRoute(app, ports)
  commandRoute(app, ports)
}

function found({ journal }: ApiPorts, id: string): RunRow {
  const row = journal.read(id)
  if (row !== null) return row
  throw new Failure('run.unknown', `there is no run ${id}`, {
    why: 'the journal does not hold it',
    fix: 'inn releases APP, or the dashboard, lists the runs',
  })
}

function readRoutes(app: Routes, ports: ApiPorts): void {
  app.get(
    '/api/runs',
    { config: { permission: 'viewer' }, schema: { response: { 200: z.array(RunSummary) } } },
    async () => ports.runs(null, 100).map(ports.view.summary),
  )
  app.get(
    '/api/runs/:id',
    { config: { permission: 'viewer' }, schema: { params: ById, response: { 200: Run } } },
    async request => ports.view.run(found(ports, request.params.id)),
  )
}

function eventRoute(app: Routes, ports: ApiPorts): void {
  app.get(
    '/api/runs/:id/events',
    {
      config: { permission: 'viewer' },
      exposeHeadRoute: false,
      schema: {
        params: ById,
        summary: 'The run as it goes on, with its output lines, as server-sent events; ends with it',
      },
    },
    async (request, reply) => {
      const row = found(ports, request.params.id)
      const stream = eventStream(ports.people, request, reply)
      const state = () => stream.send({ type: 'run', run: ports.view.run(found(ports, row.id)) })
      const off = ports.engine.on(event => {
        if (event.run !== row.id) return
        if (event.type === 'line') stream.send(event)
        else state()
        if (event.type === 'run' && found(ports, row.id).state === 'ended') stream.close()
      })
      stream.signal.addEventListener('abort', off)
      for (const line of ports.output(row.id)) stream.send({ type: 'line', run: row.id, ...line })
      state()
      if (found(ports, row.id).state === 'ended') stream.close()
    },
  )
}

function undoRoute(app: Routes, ports: ApiPorts): void {
  app.post(
    '/api/runs/:id/undo',
    {
      config: { permission: 'operator' },
      schema: { params: ById, response: { 200: z.object({ accepted: z.literal(true) }) } },
    },
    async request => {
      const row = found(ports, request.params.id)
      if (!ports.engine.cancel(row.id)) throw tooLate(row)
      await ports.audit.write({
        actor: request.actor.name,
        action: 'undo',
        app: row.plan.app,
        run: row.id,
        detail: `take back: ${row.plan.title}`,
      })
      return { accepted: true as const }
    },
  )
}

/** The release that a command is to run in: named, or the one of its service, or the one that serves. */
async function releaseFor(ports: ApiPorts, name: string, { service, release }: z.infer<typeof Command>) {
  const live = (await ports.apps.find(name))?.live ?? {}
  const own = service === undefined ? undefined : live[service]?.release
  const id = release ?? own ?? Object.values(live)[0]?.release
  if (id !== undefined) return ports.releases.get(name, id)
  throw new Failure('app.unknown', `there is no release of ${name} to run it in`, {
    why: 'nothing of that name was deployed with success',
    fix: 'inn status',
  })
}

function commandRoute(app: Routes, ports: ApiPorts): void {
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
      const stream = eventStream(ports.people, request, reply)
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

function tooLate(row: RunRow): Failure {
  const ended = row.state === 'ended'
  const why = ended
    ? `it ended: ${row.outcome}`
    : row.state === 'undoing'
      ? 'it is being taken back already'
      : 'its release serves, and what is left is clean-up'
  return new Failure('run.past-return', `${row.plan.title} cannot be taken back any more`, {
    why,
    fix:
      row.plan.app === null ? 'nothing to do' : `inn rollback ${row.plan.app} returns to the release before`,
  })
}
