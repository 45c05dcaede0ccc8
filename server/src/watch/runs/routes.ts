import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { held } from '../../api/access.ts'
import { mayUse } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import type { EventStreams } from '../../api/sse.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Journal, RunRow } from '../../engine/journal.ts'
import type { Step } from '../../engine/plan.ts'
import type { Views } from '../../engine/view.ts'
import { Run, RunSummary } from '../../engine/wire.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../../reach/audit/audit.ts'
import type { Output } from './output.ts'

const ById = z.object({ id: z.string() })
const MOST = 100

export interface RunPorts {
  journal: Pick<Journal, 'read'>
  view: Views
  engine: Pick<Engine<Step>, 'cancel' | 'on'>
  /** Runs, newest first. `app`: null for the runs of all apps and of none. */
  runs(app: string | null, limit: number): RunRow[]
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  output: Output
  audit: Pick<Audit, 'write'>
  events: EventStreams
}

export function runRoutes(app: Routes, ports: RunPorts): void {
  readRoutes(app, ports)
  eventRoute(app, ports)
  undoRoute(app, ports)
}

/** Whatever a token is for, it may follow the runs of its apps. */
const followed = { permission: 'viewer', sorts: true, verb: 'any' } as const

/** The runs of these apps, newest first; null: of all. */
function newestOf({ runs }: RunPorts, apps: readonly string[] | null): RunRow[] {
  if (apps === null) return runs(null, MOST)
  const all = apps.flatMap(app => runs(app, MOST))
  return all.sort((a, b) => b.startedAt - a.startedAt).slice(0, MOST)
}

function found({ journal }: RunPorts, request: Pick<FastifyRequest, 'permits'>, id: string): RunRow {
  const row = journal.read(id)
  // Whoever may not see it is not told either that it is there.
  if (row !== null && request.permits(row.plan.app)) return row
  throw new Failure('run.unknown', `there is no run ${id}`, {
    why: 'the journal does not hold it',
    fix: '`inn history` lists them',
  })
}

function readRoutes(app: Routes, ports: RunPorts): void {
  app.get(
    '/api/runs',
    {
      config: { permission: 'viewer', sorts: true },
      schema: { response: { 200: z.array(RunSummary) } },
    },
    async request => newestOf(ports, request.reach()).map(ports.view.summary),
  )
  app.get(
    '/api/apps/:app/runs',
    {
      config: { permission: 'viewer' },
      schema: { params: z.object({ app: z.string() }), response: { 200: z.array(RunSummary) } },
    },
    async request => {
      const found = ports.runs(request.params.app, 50)
      // Of an app that was removed there are runs still.
      if (found.length === 0) await ports.knownApp(request.params.app)
      return found.map(ports.view.summary)
    },
  )
  app.get(
    '/api/runs/:id',
    { config: followed, schema: { params: ById, response: { 200: Run } } },
    async request => ports.view.run(found(ports, request, request.params.id)),
  )
}

function eventRoute(app: Routes, ports: RunPorts): void {
  app.get(
    '/api/runs/:id/events',
    {
      config: followed,
      exposeHeadRoute: false,
      schema: {
        params: ById,
        summary: 'The run as it goes on, with its output lines, as server-sent events; ends with it',
      },
    },
    async (request, reply) => {
      const row = found(ports, request, request.params.id)
      const stream = ports.events(request, reply)
      const now = () => ports.journal.read(row.id) ?? row
      const state = () => stream.send({ type: 'run', run: ports.view.run(now()) })
      const off = ports.engine.on(event => {
        if (event.run !== row.id) return
        if (event.type === 'line') stream.send(event)
        else state()
        if (event.type === 'run' && now().state === 'ended') stream.close()
      })
      stream.signal.addEventListener('abort', off)
      for (const line of ports.output.of(row.id)) stream.send({ type: 'line', run: row.id, ...line })
      state()
      if (now().state === 'ended') stream.close()
    },
  )
}

function undoRoute(app: Routes, ports: RunPorts): void {
  app.post(
    '/api/runs/:id/undo',
    {
      config: { permission: 'operator', sorts: true, verb: 'any' },
      schema: { params: ById, response: { 200: z.object({ accepted: z.literal(true) }) } },
    },
    async request => {
      const row = found(ports, request, request.params.id)
      // What a token may not begin it may not take back.
      if (!mayUse(request.actor, verbOf(row.plan))) throw held(request.actor)
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

/** Kinds of plans that are begun by a verb of another name. */
const BEGUN_BY: Readonly<Record<string, string>> = { switch: 'rollback', verify: 'backup' }

/** The verb by which a plan is begun. A promotion is a deploy of what another environment built. */
const verbOf = ({ kind, steps }: RunRow['plan']): string =>
  steps.some(({ does }) => does.kind === 'release.bring') ? 'promote' : (BEGUN_BY[kind] ?? kind)

/** Runs after which the release before can be returned to. */
const CHANGES_RELEASE = new Set(['deploy', 'rollback', 'switch'])

function tooLate(row: RunRow): Failure {
  const { app, kind, title } = row.plan
  const why =
    row.state === 'ended'
      ? `it ended: ${row.outcome}`
      : row.state === 'undoing'
        ? 'it is being taken back already'
        : 'what it was begun for is done, and what is left is clean-up'
  // What was taken back, or is, needs no way back.
  const holds = row.state !== 'undoing' && row.outcome !== 'undone'
  return new Failure('run.past-return', `${title} cannot be taken back any more`, {
    why,
    fix:
      holds && CHANGES_RELEASE.has(kind)
        ? `\`inn rollback ${app}\` returns to the release before`
        : holds && kind === 'restore'
          ? `\`inn restore undo ${app}\` returns to the data before`
          : holds && kind === 'stop'
            ? `\`inn start ${app}\` starts it again`
            : 'nothing to do',
  })
}
