import { z } from 'zod'
import { mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { iso } from '../../kernel/moments.ts'
import type { Entry, Follow, Incident, Stamp, Update } from './incident.ts'
import type { Incidents } from './incidents.ts'
import { monthsOf } from './months.ts'
import { reviewOf } from './review.ts'
import {
  FollowUp,
  FollowUpRequest,
  IncidentChange,
  IncidentDetail,
  IncidentList,
  IncidentRequest,
  IncidentReview,
  IncidentView,
  NoteRequest,
  type PublicUpdate,
  ResolveRequest,
  UpdateRequest,
} from './wire.ts'

export interface IncidentRoutePorts {
  incidents: Incidents
  /** Failure `app.unknown`. */
  knownApp(name: string): Promise<unknown>
  audit: {
    write(row: { actor: string; action: string; app: string | null; detail: string }): Promise<unknown>
  }
}

const viewer = { permission: 'viewer', sorts: true } as const
const operator = { permission: 'operator', sorts: true } as const
const ById = z.object({ id: z.coerce.number().int() })

export function incidentRoutes(app: Routes, ports: IncidentRoutePorts): void {
  readRoutes(app, ports)
  changeRoutes(app, ports)
  followUpRoutes(app, ports)
}

function readRoutes(app: Routes, { incidents }: IncidentRoutePorts): void {
  app.get(
    '/api/incidents',
    {
      config: { ...viewer, verb: 'any' },
      schema: {
        summary:
          'All incidents, newest first; how fast they were over, by month; and what is to be done after them',
        response: { 200: IncidentList },
      },
    },
    async request => {
      const seen = (await incidents.list()).filter(one => request.permits(one.app))
      const followUps = (await incidents.followUps(null)).filter(one => request.permits(one.app))
      return { incidents: seen.map(viewOf), months: monthsOf(seen), followUps: followUps.map(followView) }
    },
  )
  app.get(
    '/api/incidents/:id',
    {
      config: { ...viewer, verb: 'any' },
      schema: {
        summary: 'An incident with its timeline; what people did by commands is for operators',
        params: ById,
        response: { 200: IncidentDetail },
      },
    },
    async request => {
      const { id } = request.params
      const found = await incidents.known(id)
      request.demand(found.app)
      const timeline = await incidents.timeline(id)
      // Arguments and output of commands may be rows of visitors.
      const operates = mayIn(request.actor, 'operator', found.app)
      const shown = timeline.filter(({ kind }) => operates || kind !== 'command')
      const followUps = await incidents.followUps(id)
      const [updates, components] = [await incidents.updates(id), await incidents.components(found.app)]
      const more = { updates: updates.map(updateView), components }
      return {
        ...{ ...viewOf(found), ...more },
        ...{ timeline: shown.map(entryView), followUps: followUps.map(followView) },
      }
    },
  )
  app.get(
    '/api/incidents/:id/review',
    {
      config: operator,
      schema: {
        summary: 'The draft of a review, as Markdown',
        params: ById,
        response: { 200: IncidentReview },
      },
    },
    async request => {
      const { id } = request.params
      request.demand((await incidents.known(id)).app)
      const timeline = await incidents.timeline(id)
      return { markdown: reviewOf(await incidents.known(id), timeline, await incidents.followUps(id)) }
    },
  )
}

function changeRoutes(app: Routes, { incidents, knownApp, audit }: IncidentRoutePorts): void {
  const wrote = async (actor: string, action: string, { app: of, id, title }: Incident) =>
    audit.write({ actor, action: `incident ${action}`, app: of, detail: `${id}: ${title}` })
  app.post(
    '/api/incidents',
    {
      config: operator,
      schema: {
        summary: 'Opens an incident by hand',
        body: IncidentRequest,
        response: { 200: IncidentView },
      },
    },
    async request => {
      const { app: of } = request.body
      request.demand(of)
      if (of !== null) await knownApp(of)
      const opened = await incidents.open(request.body, request.actor.name)
      await wrote(request.actor.name, 'open', opened)
      return viewOf(opened)
    },
  )
  const change = <B extends z.ZodType>(
    action: string,
    body: B,
    summary: string,
    work: (id: number, by: string, body: z.infer<B>) => Promise<Incident>,
  ) =>
    app.post(
      `/api/incidents/:id/${action}`,
      { config: operator, schema: { summary, params: ById, body, response: { 200: IncidentView } } },
      async request => {
        const { id } = request.params as z.infer<typeof ById>
        request.demand((await incidents.known(id)).app)
        const changed = await work(id, request.actor.name, request.body as z.infer<B>)
        await wrote(request.actor.name, action, changed)
        return viewOf(changed)
      },
    )
  change('set', IncidentChange, 'Changes what is said of it', (id, by, body) =>
    incidents.change(id, body, by),
  )
  change('note', NoteRequest, 'Adds to the timeline', (id, by, { note }) => incidents.note(id, by, note))
  change('update', UpdateRequest, 'Says something of it on the status page', (id, by, body) =>
    incidents.say(id, body, by),
  )
  change('ack', z.object({}), 'Says that the caller has it in hand, with all its alerts', (id, by) =>
    incidents.acknowledge(id, by),
  )
  change('resolve', ResolveRequest, 'Says that it is over', (id, by, { note }) =>
    incidents.resolve(id, by, note),
  )
}

function followUpRoutes(app: Routes, { incidents, audit }: IncidentRoutePorts): void {
  app.post(
    '/api/incidents/:id/follow-ups',
    {
      config: operator,
      schema: {
        summary: 'Asks for something to be done after it, until a day',
        params: ById,
        body: FollowUpRequest,
        response: { 200: FollowUp },
      },
    },
    async request => {
      const { id } = request.params
      const { app: of } = await incidents.known(id)
      request.demand(of)
      const { what, dueAt } = request.body
      const made = await incidents.follow(id, what, Date.parse(dueAt), request.actor.name)
      await audit.write({ actor: request.actor.name, action: 'incident follow-up', app: of, detail: what })
      return followView((await incidents.followUps(id)).find(one => one.id === made)!)
    },
  )
  app.post(
    '/api/follow-ups/:id/done',
    {
      config: operator,
      schema: { summary: 'Says that it is done', params: ById, response: { 200: FollowUp } },
    },
    async request => {
      const { id } = request.params
      const incident = await incidents.ofFollowUp(id)
      request.demand(incident.app)
      await incidents.done(id, request.actor.name)
      const found = (await incidents.followUps(incident.id)).find(one => one.id === id)!
      await audit.write({
        actor: request.actor.name,
        action: 'incident done',
        app: incident.app,
        detail: found.what,
      })
      return followView(found)
    },
  )
}

const who = (stamp: Stamp | null) => (stamp === null ? null : { by: stamp.by, at: iso(stamp.at) })

const viewOf = (one: Incident): IncidentView => ({
  ...{
    id: one.id,
    app: one.app,
    title: one.title,
    severity: one.severity,
    impact: one.impact,
    lead: one.lead,
  },
  state: one.resolved !== null ? 'resolved' : one.acked !== null ? 'acknowledged' : 'open',
  ...{ beganAt: iso(one.beganAt), openedAt: iso(one.openedAt), openedBy: one.openedBy },
  ...{
    acknowledged: who(one.acked),
    resolved: who(one.resolved),
    requests: one.requests,
    errors: one.errors,
  },
})

const updateView = ({ at, ...update }: Update): PublicUpdate => ({ ...update, at: iso(at) })

const entryView = ({ at, kind, who: by, what, detail }: Entry) => ({
  at: iso(at),
  kind,
  who: by,
  what,
  detail,
})

const followView = ({ id, incident, what, dueAt, by, done }: Follow): FollowUp => ({
  ...{ id, incident, what, dueAt: iso(dueAt), by, done: who(done) },
})
