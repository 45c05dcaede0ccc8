import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Actor, type Admission, mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { type Alert, appOf, fingerprintOf, type Observed } from './alert.ts'
import type { Alerts } from './alerts.ts'
import { inhibitedBy, type World } from './policy.ts'
import type { AlertRoutePorts } from './routes.ts'
import {
  type Matcher,
  matchesAll,
  readMatcher,
  type Silence,
  showMatcher,
  silencedBy,
  stateOf,
} from './silence.ts'
import type { Silences } from './silences.ts'
import { AlertQuery, GotAlert, GotSilence, PostedAlert, PostedSilence, SilenceQuery } from './wire-v2.ts'

export interface V2Ports {
  alerts: Pick<Alerts, 'push' | 'world'>
  silences: Silences
  /** Whether a request with this header comes from Prometheus. */
  isWatcher(authorization: string | undefined): Promise<boolean>
  people: Pick<Admission, 'identify'>
  version: string
  audit: AlertRoutePorts['audit']
}

/** What Prometheus means by no time. */
const ABSENT = '0001-01-01T00:00:00'
const viewer = { permission: 'viewer' } as const
const operator = { permission: 'operator' } as const
const ById = z.object({ id: z.string() })

/** The API of Alertmanager, as far as Prometheus and amtool use it: https://github.com/prometheus/alertmanager, api/v2. */
export function v2Routes(app: Routes, ports: V2Ports): void {
  const upSince = iso(Date.now())
  app.get('/api/v2/status', { config: viewer }, async () => ({
    cluster: { status: 'disabled', name: '', peers: [] },
    config: { original: '' },
    uptime: upSince,
    versionInfo: {
      version: ports.version,
      revision: '',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
    },
  }))
  alertRoutes(app, ports)
  silenceRoutes(app, ports)
}

function alertRoutes(app: Routes, ports: V2Ports): void {
  app.get(
    '/api/v2/alerts',
    {
      config: { ...viewer, sorts: true },
      schema: { querystring: AlertQuery, response: { 200: z.array(GotAlert) } },
    },
    async request => {
      const { filter, silenced = true, inhibited = true, active = true } = request.query
      const matchers = readAll(filter)
      const world = await ports.alerts.world()
      return world.alerts
        .filter(
          one => one.state === 'firing' && request.permits(appOf(one)) && matchesAll(matchers, one.labels),
        )
        .map(one => gotAlert(one, world))
        .filter(({ status }) => silenced || status.silencedBy.length === 0)
        .filter(({ status }) => inhibited || status.inhibitedBy.length === 0)
        .filter(({ status }) => active || status.state !== 'active')
        .sort((a, b) => a.fingerprint.localeCompare(b.fingerprint))
    },
  )
  // Public, because Prometheus is no person: who may post is decided before the body is read.
  app.post(
    '/api/v2/alerts',
    {
      config: { permission: 'public' },
      schema: { body: z.array(z.unknown()) },
      onRequest: async request => void (await sourceOf(request as FastifyRequest, ports)),
    },
    async (request, reply) => {
      const source = await sourceOf(request, ports)
      const parsed = request.body.map(one => PostedAlert.safeParse(one))
      const good = parsed.flatMap(one =>
        one.success && Object.keys(one.data.labels).length > 0 ? [one.data] : [],
      )
      // The good ones of a batch are taken, also where one of them is bad.
      await ports.alerts.push(source, good.map(observedOf))
      if (good.length < parsed.length) return said(reply, 400, 'at least one alert is not valid')
      return reply.code(200).send()
    },
  )
}

/** Alertmanager answers a text in JSON, and amtool reads no other shape. */
const said = (reply: FastifyReply, status: number, text: string) =>
  reply.code(status).header('content-type', 'application/json').send(JSON.stringify(text))

/** Who posts: Prometheus by its token, or somebody who may change things. Failure `access.unknown`, `access.forbidden`. */
async function sourceOf(request: FastifyRequest, { isWatcher, people }: V2Ports): Promise<string> {
  if (await isWatcher(request.headers.authorization)) return 'prometheus'
  // At the unix socket everybody is an admin.
  const actor: Actor | null =
    request.actor.role === 'admin'
      ? request.actor
      : await people.identify(new Headers({ authorization: request.headers.authorization ?? '' }))
  if (actor !== null && actor.verbs === null && mayIn(actor, 'operator', null)) return actor.name
  throw new Failure(actor === null ? 'access.unknown' : 'access.forbidden', 'alerts are not taken from you', {
    why: 'the request carries neither the token of Prometheus nor one of an operator',
    fix: 'send Authorization: Bearer TOKEN; `inn token add NAME` makes one',
  })
}

function observedOf({ labels, annotations, startsAt, endsAt, generatorURL }: PostedAlert): Observed {
  // A label without a value is no label.
  const kept = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
  const time = (text: string | undefined) =>
    text === undefined || text.startsWith(ABSENT) ? null : Date.parse(text)
  return {
    fingerprint: fingerprintOf(kept),
    labels: kept,
    annotations,
    url: generatorURL ?? null,
    startsAt: time(startsAt),
    // Whoever says no end is heard again within five minutes, or has stopped.
    endsAt: time(endsAt) ?? Date.now() + 5 * 60_000,
  }
}

function gotAlert(alert: Alert, world: World): GotAlert {
  const silenced = silencedBy(alert.labels, world.silences, world.now)
  const inhibited = inhibitedBy(alert, world.alerts, world.now).map(one => one.fingerprint)
  return {
    ...{ labels: alert.labels, annotations: alert.annotations, fingerprint: alert.fingerprint },
    receivers: Object.keys(alert.told).map(name => ({ name })),
    ...{ startsAt: iso(alert.since), updatedAt: iso(alert.updatedAt) },
    endsAt: iso(alert.endsAt ?? world.now + 5 * 60_000),
    generatorURL: alert.url ?? '',
    status: {
      state: silenced.length + inhibited.length > 0 ? 'suppressed' : 'active',
      silencedBy: silenced,
      inhibitedBy: inhibited,
    },
  }
}

function silenceRoutes(app: Routes, { silences, audit }: V2Ports): void {
  const wrote = (actor: string, action: string, matchers: readonly Matcher[], more: string) =>
    audit.write({
      actor,
      action,
      detail: `${matchers.map(showMatcher).join(' ')} ${more}`,
    })
  app.get(
    '/api/v2/silences',
    { config: viewer, schema: { querystring: SilenceQuery, response: { 200: z.array(GotSilence) } } },
    async request => {
      const wanted = readAll(request.query.filter)
      const all = await silences.list()
      // A filter is held against what the silence itself says of a label.
      return all
        .filter(one =>
          matchesAll(wanted, Object.fromEntries(one.matchers.map(({ name, value }) => [name, value]))),
        )
        .map(one => gotSilence(one))
    },
  )
  app.post(
    '/api/v2/silences',
    { config: operator, schema: { body: PostedSilence } },
    async (request, reply) => {
      const { id, startsAt, endsAt, ...rest } = request.body
      const times = { startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) }
      try {
        const silenceID = await silences.put({ ...rest, ...times, id: id === '' ? null : (id ?? null) })
        await wrote(request.actor.name, 'silence', rest.matchers, `until ${endsAt}: ${rest.comment}`)
        return { silenceID }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (error.code === 'silence.unknown') return said(reply, 404, 'silence not found')
        return said(reply, 400, `silence invalid: ${error.why}`)
      }
    },
  )
  app.get('/api/v2/silence/:id', { config: viewer, schema: { params: ById } }, async (request, reply) => {
    const found = await silences.find(isUuid(request.params.id))
    return found === null ? reply.code(404).send() : gotSilence(found)
  })
  app.delete(
    '/api/v2/silence/:id',
    { config: operator, schema: { params: ById } },
    async (request, reply) => {
      const id = isUuid(request.params.id)
      // With the status that Alertmanager has for it: amtool knows no other.
      const found = await silences.find(id)
      if (found === null) return said(reply, 500, 'silence not found')
      await silences.expire(id)
      await wrote(request.actor.name, 'silence end', found.matchers, found.comment)
      return {}
    },
  )
}

/** As Alertmanager does, what is no id is answered 422 and not 404. */
function isUuid(id: string): string {
  if (z.guid().safeParse(id).success) return id
  throw new Failure('silence.id', `${id.slice(0, 80)} is no id of a silence`, {
    why: 'an id is a UUID',
    fix: '`inn silence list` shows them',
  })
}

const gotSilence = ({ startsAt, endsAt, updatedAt, matchers, ...rest }: Silence): GotSilence => ({
  ...rest,
  matchers: [...matchers],
  ...{ startsAt: iso(startsAt), endsAt: iso(endsAt), updatedAt: iso(updatedAt) },
  status: { state: stateOf({ startsAt, endsAt }, Date.now()) },
})

function readAll(filter: string | string[] | undefined) {
  return [filter ?? []].flat().map(text => {
    const matcher = readMatcher(text)
    if (matcher !== null) return matcher
    throw new Failure('request.invalid', `${text.slice(0, 100)} is no matcher`, {
      why: 'a matcher is name, =, !=, =~ or !~, and a value',
      fix: 'correct it',
    })
  })
}
