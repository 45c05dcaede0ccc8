import { type AppConfig, isSingleton } from '../../config/config.ts'
import type { RouteTable, Site, Target } from '../../reach/edge/edge.ts'
import { type App, peer, type Slot } from '../app/app.ts'
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
      const root = world.roots(service.name, goal.artifacts[service.name] ?? release)
      const roots = [root, ...world.older(service.name).filter(path => path !== root)]
      services[service.name] = { kind: 'static', colour, release, roots, spa: service.spa }
    } else {
      const peers = assigned.filter(slot => slot.service === service.name).map(peer)
      services[service.name] = { kind: 'proxy', colour, release, peers, fallback: [], hold: false }
    }
  }
  return { routes: goal.config.routes.filter(route => route.service in services), services }
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
})
