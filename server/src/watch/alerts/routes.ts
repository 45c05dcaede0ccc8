import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { HOW_BAD } from '../../kernel/words.ts'
import { adviceOf, appOf, sentenceOf, severityOf } from './alert.ts'
import type { Alerts } from './alerts.ts'
import { isOn } from './due.ts'
import { mutedBy, type World } from './policy.ts'
import { flapping } from './rule.ts'
import type { AlertStore } from './store.ts'
import { Acked, AckRequest, AlertSettings, AlertView, RouteRequest, RouteView } from './wire.ts'

export interface AlertRoutePorts {
  alerts: Pick<Alerts, 'world' | 'acknowledge' | 'changed'>
  store: Pick<AlertStore, 'routes' | 'addRoute' | 'removeRoute'>
  settings: { read(): Promise<AlertSettings>; keep(settings: AlertSettings): Promise<void> }
  /** Failure `channel.unknown`. */
  knownChannel(name: string): Promise<unknown>
  audit: {
    write(row: { actor: string; action: string; detail: string }): Promise<unknown>
  }
}

const viewer = { permission: 'viewer' } as const
const operator = { permission: 'operator' } as const
const admin = { permission: 'admin' } as const

/** Routes of alerts: what fires, who was told, who has it in hand, and who is told what. */
export function alertRoutes(app: Routes, ports: AlertRoutePorts): void {
  const { alerts, audit } = ports
  const wrote = (actor: string, action: string, detail: string) => audit.write({ actor, action, detail })

  app.get(
    '/api/alerts',
    { config: { ...viewer, sorts: true, verb: 'any' }, schema: { response: { 200: z.array(AlertView) } } },
    async request => viewsOf(await alerts.world()).filter(one => request.permits(one.app)),
  )
  app.post(
    '/api/alerts/ack',
    { config: { ...operator, sorts: true }, schema: { body: AckRequest, response: { 200: Acked } } },
    async request => {
      const { occurrences } = request.body
      const acked = await alerts.acknowledge(
        one => request.permits(appOf(one)) && (occurrences?.includes(one.occurrence) ?? true),
        request.actor.name,
      )
      if (acked.length === 0 && occurrences !== null) throw unknown(occurrences)
      for (const one of acked) await wrote(request.actor.name, 'ack', sentenceOf(one))
      return { acknowledged: acked.map(one => one.occurrence) }
    },
  )
  routingRoutes(app, { ...ports, wrote })
}

type Written = AlertRoutePorts & { wrote(actor: string, action: string, detail: string): Promise<unknown> }

function routingRoutes(app: Routes, { alerts, store, settings, knownChannel, wrote }: Written): void {
  app.get(
    '/api/alert-routes',
    { config: viewer, schema: { response: { 200: z.array(RouteView) } } },
    async () => (await store.routes()).map(route => ({ ...route, on: isOn(route, Date.now()) })),
  )
  app.post(
    '/api/alert-routes',
    { config: admin, schema: { body: RouteRequest, response: { 200: z.object({ id: z.number() }) } } },
    async request => {
      await knownChannel(request.body.channel)
      const id = await store.addRoute(request.body)
      await wrote(
        request.actor.name,
        'alerts route',
        `${HOW_BAD[request.body.severity]} to ${request.body.channel}`,
      )
      alerts.changed()
      return { id }
    },
  )
  const ById = z.object({ id: z.coerce.number().int() })
  app.delete(
    '/api/alert-routes/:id',
    { config: admin, schema: { params: ById, response: { 200: z.object({ removed: z.boolean() }) } } },
    async request => {
      const removed = await store.removeRoute(request.params.id)
      await wrote(request.actor.name, 'alerts unroute', String(request.params.id))
      alerts.changed()
      return { removed }
    },
  )
  app.get('/api/alert-settings', { config: viewer, schema: { response: { 200: AlertSettings } } }, () =>
    settings.read(),
  )
  app.post(
    '/api/alert-settings',
    { config: admin, schema: { body: AlertSettings, response: { 200: AlertSettings } } },
    async request => {
      await settings.keep(request.body)
      await wrote(request.actor.name, 'alerts settings', JSON.stringify(request.body))
      return settings.read()
    },
  )
}

/** Firing ones first, each group newest first. */
export const viewsOf = (world: World): AlertView[] =>
  world.alerts
    .map(alert => ({
      ...{
        occurrence: alert.occurrence,
        source: alert.source,
        fingerprint: alert.fingerprint,
        state: alert.state,
      },
      ...{ severity: severityOf(alert.labels), what: sentenceOf(alert), labels: alert.labels },
      more: adviceOf(alert),
      app: appOf(alert),
      since: iso(alert.since),
      overAt: alert.overAt === null ? null : iso(alert.overAt),
      muted: alert.state === 'firing' ? mutedBy(alert, world) : null,
      flapping: flapping(alert, world.now),
      told: Object.entries(alert.told).map(([channel, { at }]) => ({ channel, at: iso(at) })),
      acked: alert.acked === null ? null : { by: alert.acked.by, at: iso(alert.acked.at) },
    }))
    .sort((a, b) => rank(a) - rank(b) || b.since.localeCompare(a.since))

const rank = ({ state, severity }: AlertView): number =>
  state !== 'firing' ? 2 : severity === 'late' ? 0 : 1

const unknown = (occurrences: readonly string[]): Failure =>
  new Failure('alert.unknown', `no open alert is ${occurrences.join(' or ')}`, {
    why: 'it is over, somebody has it in hand already, or it was mistyped',
    fix: '`inn alerts` shows them',
  })
