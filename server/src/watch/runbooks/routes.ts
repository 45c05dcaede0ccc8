import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Actor } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { iso } from '../../kernel/moments.ts'
import { textOf } from './entry.ts'
import type { Kept, library } from './library.ts'
import { titleIn } from './parse.ts'
import { isOfServer } from './rule.ts'
import { type Item, valuesOf } from './runbook.ts'
import type { RunbookStore, Walk } from './store.ts'
import { viewOf } from './view.ts'
import type { Standing, Walks } from './walks.ts'
import {
  ActRequest,
  RunbookText,
  RunbookView,
  type WalkItem,
  WalkRequest,
  WalkSummary,
  WalkView,
} from './wire.ts'

export interface RunbookRoutePorts {
  runbooks: { walks: Walks; library: ReturnType<typeof library>; store: RunbookStore }
  incidents: {
    /** Failure `incident.unknown`. */
    known(id: number): Promise<{ app: string | null }>
    alertNames(id: number): Promise<ReadonlySet<string>>
  }
  /** Failure `app.unknown`. */
  knownApp(name: string): Promise<unknown>
  audit: {
    write(row: { actor: string; action: string; app: string | null; detail: string }): Promise<unknown>
  }
}

/** What commands print may be rows of visitors. */
const operator = { permission: 'operator', sorts: true } as const
const viewer = { permission: 'viewer', sorts: true } as const
const ByName = z.object({ name: z.string().max(64) })
const ById = z.object({ id: z.coerce.number().int() })
const OfApp = z.object({ app: z.string().max(64).optional() })
const Listed = OfApp.extend({ incident: z.coerce.number().int().optional() })
/** So many walks are shown. */
const MOST = 50

export function runbookRoutes(app: Routes, ports: RunbookRoutePorts): void {
  readRoutes(app, ports)
  walkRoutes(app, ports)
  changeRoutes(app, ports)
}

type Tried = Awaited<ReturnType<RunbookStore['tried']>>

function readRoutes(
  app: Routes,
  { runbooks: { library, store }, incidents, knownApp }: RunbookRoutePorts,
): void {
  /** Of which app runbooks are asked for, and who tried which, as far as whoever asks may know. */
  const asked = async (request: Pick<FastifyRequest, 'demand' | 'permits'>, of: string | null = null) => {
    if (of !== null) request.demand(of)
    if (of !== null) await knownApp(of)
    return { of, tried: (await store.tried()).filter(one => request.permits(one.app)) }
  }
  app.get(
    '/api/runbooks',
    {
      config: viewer,
      schema: {
        summary: 'Runbooks: those that come with Innkeeper, and those of an app',
        querystring: Listed,
        response: { 200: z.array(RunbookView) },
      },
    },
    async request => {
      const { of, tried } = await asked(request, request.query.app)
      const { incident } = request.query
      if (incident !== undefined) request.demand((await incidents.known(incident)).app)
      const alerts = incident === undefined ? new Set<string>() : await incidents.alertNames(incident)
      return (await library.all(of)).map(one => viewOf(one, lastOf(one, { of, tried }), alerts))
    },
  )
  app.get(
    '/api/runbooks/:name',
    {
      config: viewer,
      schema: {
        summary: 'A runbook with its text',
        params: ByName,
        querystring: OfApp,
        response: { 200: RunbookText },
      },
    },
    async request => {
      const { of, tried } = await asked(request, request.query.app)
      const found = await library.find(request.params.name, of)
      return { ...viewOf(found, lastOf(found, { of, tried }), new Set()), text: found.text }
    },
  )
}

function walkRoutes(app: Routes, { runbooks: { walks } }: RunbookRoutePorts): void {
  app.get(
    '/api/walks',
    {
      config: operator,
      schema: {
        summary: 'Who walked through which runbook, newest first',
        response: { 200: z.array(WalkSummary) },
      },
    },
    async request => (await walks.list(MOST)).filter(one => request.permits(one.app)).map(summaryOf),
  )
  app.get(
    '/api/walks/:id',
    {
      config: operator,
      schema: {
        summary: 'A walk with each step, what it printed, and what comes next',
        params: ById,
        response: { 200: WalkView },
      },
    },
    async request => {
      const found = await walks.view(request.params.id)
      request.demand(found.walk.app)
      return walkView(found, request)
    },
  )
}

function changeRoutes(
  app: Routes,
  { runbooks: { walks, library }, knownApp, audit }: RunbookRoutePorts,
): void {
  const wrote = ({ name }: Actor, action: string, { walk }: Standing) =>
    audit.write({ actor: name, action, app: walk.app, detail: `${walk.id}: ${walk.runbook}` })
  app.post(
    '/api/runbooks/:name/walks',
    {
      config: operator,
      schema: {
        summary: 'Begins a walk: what only looks is done at once, until a person is needed',
        params: ByName,
        body: WalkRequest,
        response: { 200: WalkView },
      },
    },
    async request => {
      const { app: of, incident, dry } = request.body
      request.demand(of)
      if (of !== null) await knownApp(of)
      const kept = await library.find(request.params.name, of)
      const begun = await walks.begin(kept, { app: of, incident, dry, occurrence: null }, request.actor)
      await wrote(request.actor, dry ? 'runbook plan' : 'runbook run', begun)
      return walkView(begun, request)
    },
  )
  app.post(
    '/api/walks/:id/act',
    {
      config: operator,
      schema: {
        summary: 'Does, answers or leaves out the step whose turn it is',
        params: ById,
        body: ActRequest,
        response: { 200: WalkView },
      },
    },
    async request => {
      const { id } = request.params
      request.demand((await walks.view(id)).walk.app)
      const { item, act, values } = request.body
      return walkView(await walks.act(id, item, { act, values }, request.actor), request)
    },
  )
  app.post(
    '/api/walks/:id/stop',
    {
      config: operator,
      schema: { summary: 'Ends a walk before its end', params: ById, response: { 200: WalkView } },
    },
    async request => {
      const { id } = request.params
      request.demand((await walks.view(id)).walk.app)
      const stopped = await walks.stop(id)
      await wrote(request.actor, 'runbook stop', stopped)
      return walkView(stopped, request)
    },
  )
}

/** Who came last to the end of a runbook: of an app, for it; of one that comes with Innkeeper, for any, when none is named. */
const lastOf = ({ runbook, app }: Kept, { of, tried }: { of: string | null; tried: Tried }) =>
  tried.find(
    one => one.runbook === runbook.name && one.own === (app === null) && (of === null || one.app === of),
  )

const summaryOf = (walk: Walk): WalkSummary => ({
  ...{ id: walk.id, runbook: walk.runbook, title: titleIn(walk.text) ?? walk.runbook, app: walk.app },
  ...{ incident: walk.incident, by: walk.by, dry: walk.dry, state: walk.state },
  ...{ begunAt: iso(walk.begunAt), endedAt: walk.endedAt === null ? null : iso(walk.endedAt) },
})

type Reader = Pick<FastifyRequest, 'actor' | 'permits'>

const HIDDEN =
  'what it printed is of the whole server; whoever did the step sees it, and operators of all apps'

function walkView({ walk, runbook, outcomes, next, acts, live }: Standing, reader: Reader): WalkView {
  const sees = (item: Item, by: string | null) =>
    !isOfServer(item, walk) || by === reader.actor.name || reader.permits(null)
  return {
    ...summaryOf(walk),
    about: runbook.about,
    sections: runbook.sections.map(({ title, prose }) => ({ title, prose })),
    items: runbook.items.map((item, ix) => {
      const shown = itemView(walk, item, { outcome: outcomes[ix]!, live })
      return shown.output === null || sees(item, shown.by) ? shown : { ...shown, output: HIDDEN }
    }),
    next,
    acts,
  }
}

function itemView(
  walk: Walk,
  item: Item,
  { outcome, live }: { outcome: Standing['outcomes'][number]; live: string | null },
): WalkItem {
  const { state, by, at, ms, code, output, values } = outcome
  return {
    ...{ kind: item.kind, section: item.section, text: textOf(item, walk, values) },
    prose: 'prose' in item ? item.prose : '',
    changes: item.kind === 'command' && item.changes,
    values: valuesOf(item),
    ...{ state, by, at: at === null ? null : iso(at), ms, code },
    output: state === 'running' ? live : output,
  }
}
