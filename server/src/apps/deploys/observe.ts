import { join } from 'node:path'
import type { AppConfig } from '../../config/config.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import { type App, currentRelease, type Slot } from '../app/app.ts'
import { ownerOf, parseName, slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { Release } from '../releases/release.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { Records } from './ports.ts'
import type { World } from './world.ts'

/** Finds free ports for a plan. */
export interface PortFinder {
  /** Finds `n` free ports. The same `seed` finds the same ports, as long as they are free. */
  free(taken: ReadonlySet<number>, seed: string, n: number): Promise<number[]>
  isFree(port: number): Promise<boolean>
}

/** What is about to change: the configuration that is deployed, and how many more ports it may need. */
export interface Intent {
  config: AppConfig | null
  more: number
}

export type ObservePorts = Pick<Records, 'home'> & {
  apps: Pick<AppStore, 'find' | 'ports' | 'retirements'>
  releases: Pick<ReleaseStore, 'list'>
  edge: Pick<Edge, 'table' | 'site'>
  supervisor: Pick<Supervisor, 'list' | 'state'>
}

/** Reads everything that a plan for this app is made from. */
export async function observe(
  ports: ObservePorts,
  finder: PortFinder,
  { name, config, more }: Intent & { name: string },
): Promise<World> {
  const given = await ports.apps.ports()
  const app = (await ports.apps.find(name)) ?? (await unborn(finder, name, given))
  const releases = await ports.releases.list(name)
  const current = releases.find(r => r.id === currentRelease(app)) ?? null
  const running = await runningSlots(ports, name, given)
  const usable = await usablePorts(finder, name, given, running)
  return {
    app,
    table: await ports.edge.table(name),
    site: await ports.edge.site(name),
    running,
    ports: usable,
    free: await finder.free(
      // The port of a new app is in no table yet, so it is added here: nobody else may get it.
      new Set([...given.values(), app.port]),
      name,
      missing(app, config ?? current?.config ?? null, { usable, more }),
    ),
    retiring: await ports.apps.retirements(name),
    roots: (service, release) => rootOf(ports, releases, { app: name, service, release, config }),
    linked: release => ({
      tree: ports.home.app(name).release(release).tree,
      shared: ports.home.app(name).shared,
    }),
    older: service => olderRoots(ports, releases, name, service),
  }
}

async function unborn(finder: PortFinder, name: string, given: ReadonlyMap<string, number>): Promise<App> {
  const [port] = await finder.free(new Set(given.values()), name, 1)
  return {
    name,
    port: port!,
    state: 'new',
    live: {},
    warm: {},
    scale: {},
  }
}

/** Instances that run, or are about to be started again after a crash. The release is the tag that they were started with. */
export async function runningSlots(
  ports: Pick<ObservePorts, 'supervisor'>,
  app: string,
  given: ReadonlyMap<string, number>,
): Promise<Array<Slot & { release: string }>> {
  const found = await Promise.all(
    (await ports.supervisor.list()).map(async name => {
      const named = parseName(name)
      if (named.kind !== 'instance' || named.app !== app) return []
      const { kind: _, ...instance } = named
      const state = await ports.supervisor.state(name)
      return state === null || (state.pid === null && !state.wanted)
        ? []
        : [{ ...instance, port: given.get(name) ?? 0, release: state.tag }]
    }),
  )
  return found.flat()
}

/** Whether a service is part of the platform (keeper, edge, shop.postgres, shop.redis) and not an instance of an app. */
export const isPart = (name: string): boolean => parseName(name).kind !== 'instance'

/** Ports of the app that can be used again: their instance runs, or nobody listens there. */
async function usablePorts(
  finder: PortFinder,
  app: string,
  given: ReadonlyMap<string, number>,
  running: ReadonlyArray<Slot>,
): Promise<Record<string, number>> {
  const mine = [...given].filter(([owner]) => ownerOf(owner) === app)
  const checked = await Promise.all(
    mine.map(async ([owner, port]) => ({
      owner,
      port,
      ok: running.some(r => slotName(r) === owner) || (await finder.isFree(port)),
    })),
  )
  return Object.fromEntries(checked.filter(c => c.ok).map(c => [c.owner, c.port]))
}

/** The most ports that a plan may need: one for each slot of either colour that has none, one for Redis, and one for a pooler. */
function missing(
  app: App,
  config: AppConfig | null,
  { usable, more }: { usable: Readonly<Record<string, number>>; more: number },
): number {
  const web = (config?.services ?? []).filter(s => s.kind !== 'static')
  const owners = web.flatMap(s =>
    (['blue', 'green'] as const).flatMap(colour =>
      Array.from({ length: Math.max(s.instances, app.scale[s.name] ?? 0) }, (_, i) =>
        slotName({ app: app.name, service: s.name, colour, n: i + 1 }),
      ),
    ),
  )
  return owners.filter(owner => usable[owner] === undefined).length + 2 + more
}

interface RootQuery {
  app: string
  service: string
  release: string
  config: AppConfig | null
}

/** Where the files of a static service are in a release. A release that is not made yet is read from its innkeeper.yaml. */
function rootOf(ports: Pick<Records, 'home'>, releases: readonly Release[], query: RootQuery): string {
  const config = releases.find(r => r.id === query.release)?.config ?? query.config
  const service = config?.services.find(s => s.name === query.service)
  const { tree } = ports.home.app(query.app).release(query.release)
  return join(tree, service?.root ?? '.', service?.static ?? '.')
}

/** Files of kept releases, newest first. Pages that were loaded before a switch still ask for their hashed assets. */
function olderRoots(
  ports: Pick<Records, 'home'>,
  releases: readonly Release[],
  app: string,
  service: string,
): string[] {
  const kept = releases.filter(
    r => r.state === 'ready' && r.config.services.some(s => s.name === service && s.kind === 'static'),
  )
  return [...new Set(kept.map(r => r.artifacts[service] ?? r.id))].map(release =>
    rootOf(ports, releases, { app, service, release, config: null }),
  )
}
