import { type AppConfig, isSingleton, type ServiceConfig } from '../../config/config.ts'
import type { Affinity, ProxyTarget, RouteTable, Site, Target } from '../../reach/edge/edge.ts'
import { type App, peer, type Slot } from '../app/app.ts'
import { guardOf, limitsOf } from './guard.ts'
import type { Move } from './step.ts'
import type { Goal, World } from './world.ts'

/** Adds the fallback: during the watch, a repeatable request that the new side fails is answered by the old side. */
export function withFallback(table: RouteTable, before: RouteTable | null, config: AppConfig): RouteTable {
  const services = Object.entries(table.services).map(([name, target]): [string, Target] => {
    const old = before?.services[name]
    const lends =
      target.kind === 'proxy' &&
      old?.kind === 'proxy' &&
      old.release !== target.release &&
      !isSingleton(config, name)
    return [name, lends ? { ...target, fallback: old.peers } : target]
  })
  return services.some(([name, target]) => target !== table.services[name])
    ? { ...table, services: Object.fromEntries(services) }
    : table
}

/** The route table of the goal: moving services in their new colour, the others where they are. */
export function tableOf(
  world: World,
  goal: Goal,
  moves: readonly Move[],
  assigned: readonly Slot[],
): RouteTable {
  const services: Record<string, Target> = {}
  for (const service of goal.config.services) {
    if (service.kind === 'worker') continue
    const move = moves.find(m => m.service === service.name)
    const kept = world.table?.services[service.name]
    if (move === undefined) {
      if (kept !== undefined) services[service.name] = kept
      continue
    }
    const { colour, release } = move.to
    if (service.kind === 'static') {
      const built = goal.artifacts[service.name] ?? release
      const root = world.roots(service.name, built)
      const roots = [root, ...world.older(service.name).filter(path => path !== root)]
      const target = { kind: 'static', colour, release, roots, spa: service.spa } as const
      services[service.name] = { ...target, ...world.linked(built), ...vitalsOf(service) }
    } else {
      const peers = assigned.filter(slot => slot.service === service.name).map(peer)
      const target: ProxyTarget = { kind: 'proxy', colour, release, peers, fallback: [], hold: false }
      services[service.name] = {
        ...target,
        ...affinityOf(service, kept),
        ...warmOf(goal, target, service, kept),
        ...vitalsOf(service),
      }
    }
  }
  const routes = goal.config.routes.filter(route => route.service in services)
  // A page stands in the source, which is the same in a release that lends its files.
  const built = goal.artifacts[goal.config.services[0]!.name] ?? goal.release
  return { routes, services, guard: guardOf(goal.config, world.linked(built).tree) }
}

/** A release of before says nothing of it. */
const vitalsOf = ({ vitals }: ServiceConfig): Pick<Target, 'vitals'> => (vitals === true ? { vitals } : {})

/** The header that tells clients apart where the file names none. */
const SESSION_HEADER = 'X-Session-Id'

/** How clients come back to the same instance, and who may still go to the side that is left. */
function affinityOf(
  { affinity, drain }: ServiceConfig,
  before: Target | undefined,
): Pick<ProxyTarget, 'affinity' | 'leaving'> {
  if (affinity === undefined) return {}
  const by: Affinity =
    typeof affinity === 'object'
      ? { by: 'header', name: affinity.header }
      : affinity === 'header'
        ? { by: 'header', name: SESSION_HEADER }
        : { by: affinity }
  if (before?.kind !== 'proxy' || before.affinity === undefined) return { affinity: by }
  return { affinity: by, leaving: { release: before.release, peers: before.peers, ms: drain } }
}

/** The side before, which is kept warm. Pages that are open ask for its assets. */
function warmOf(
  goal: Goal,
  { release }: ProxyTarget,
  { singleton }: ServiceConfig,
  before: Target | undefined,
): Pick<ProxyTarget, 'warm'> {
  const stays = before?.kind === 'proxy' && before.release !== release && !singleton
  if (!stays || before.peers.length === 0 || goal.config.warm === 0) return {}
  return { warm: { release: before.release, peers: before.peers, ms: goal.config.warm } }
}

/** What a table says of the side that a service left. */
const SIDES = ['leaving', 'warm'] as const
const sidesOf = (target: Target | undefined) =>
  target?.kind === 'proxy' ? SIDES.filter(side => target[side] !== undefined) : []

/** The same table, but nobody goes any more to the side that these services left. Its ports will be those of another release. */
export function withoutLeaving(table: RouteTable, services: readonly string[]): RouteTable {
  if (!services.some(name => sidesOf(table.services[name]).includes('leaving'))) return table
  return mapTargets(table, (target, name) => {
    if (target.kind !== 'proxy' || !services.includes(name)) return target
    const { leaving: _, ...rest } = target
    return rest
  })
}

/** The same table, with the end of the time in which clients may go to the side that was just left. */
export function leavingFrom(table: RouteTable, now: number): RouteTable {
  const begins = (target: Target) =>
    target.kind === 'proxy' ? sidesOf(target).filter(side => target[side]!.until === undefined) : []
  if (!Object.values(table.services).some(target => begins(target).length > 0)) return table
  return mapTargets(table, target => {
    if (target.kind !== 'proxy') return target
    const begun = begins(target).map(side => [side, { ...target[side]!, until: now + target[side]!.ms }])
    return { ...target, ...Object.fromEntries(begun) }
  })
}

/** The same table, but requests to these services wait at the edge. */
export function holding(table: RouteTable, services: readonly string[]): RouteTable {
  return mapTargets(table, (target, name) =>
    target.kind === 'proxy' && services.includes(name) ? { ...target, hold: true } : target,
  )
}

export function mapTargets(table: RouteTable, change: (target: Target, name: string) => Target): RouteTable {
  return {
    ...table,
    services: Object.fromEntries(
      Object.entries(table.services).map(([name, target]) => [name, change(target, name)]),
    ),
  }
}

export const siteOf = (app: App, config: AppConfig): Site => ({
  id: app.name,
  port: app.port,
  domains: config.domains,
  maxBodyBytes: config.maxBody,
  timeoutMs: config.timeout,
  ...limitsOf(config),
  ...statusOf(config),
})

/** A release of before says nothing of it. */
const statusOf = ({ statusPage: page }: AppConfig): Pick<Site, 'status'> =>
  page === undefined ? {} : { status: { domain: page.domain ?? null, mails: page.mail !== undefined } }
