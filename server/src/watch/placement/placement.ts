import { type App, currentRelease } from '../../apps/app/app.ts'
import { logName, redisName, userName } from '../../apps/app/names.ts'
import { roleOf, type SeenInstance } from '../../apps/app/status.ts'
import type { AppStore } from '../../apps/app/store.ts'
import type { ReleaseStore } from '../../apps/releases/store.ts'
import { parseApp } from '../../config/app-key.ts'
import type { Home } from '../../config/home.ts'
import { type PlacementFacts, placementOf } from './rule.ts'
import type { Placement } from './wire.ts'

export interface PlacementPorts {
  home: Home
  apps: Pick<AppStore, 'get' | 'ports'>
  releases: Pick<ReleaseStore, 'get'>
  /** Whether each app runs as a user of its own; else all run as whoever started Innkeeper. */
  ownUsers: boolean
  instances(app: string): Promise<readonly SeenInstance[]>
  clusterPort(app: string): Promise<number | null>
  hostname(): string
  http: number | null
  https: number | null
}

/** Where the parts of an app are. Failure `app.unknown`. */
export async function placement(ports: PlacementPorts, name: string): Promise<Placement> {
  const app = await ports.apps.get(name)
  const release = currentRelease(app)
  const { environment } = parseApp(name)
  const placed = release === null ? [] : placementOf(await observe(ports, app, release))
  return { app: name, environment, host: ports.hostname(), release, placed }
}

async function observe(ports: PlacementPorts, app: App, id: string): Promise<PlacementFacts> {
  const { home } = ports
  const { name } = app
  const at = home.app(name)
  const { config } = await ports.releases.get(name, id)
  const given = await ports.apps.ports()
  const all = (await ports.instances(name)).map(one => ({
    service: one.service,
    name: logName(one),
    port: one.port,
    role: roleOf(app, one),
  }))
  return {
    config,
    instances: Map.groupBy(all, one => one.service),
    scale: app.scale,
    user: ports.ownUsers ? userName(home.root, name) : 'the user who started Innkeeper',
    site: { port: app.port, http: ports.http, https: ports.https },
    postgres: { port: await ports.clusterPort(name), data: home.cluster(name) },
    redis: { port: given.get(redisName(name)) ?? null, data: at.redis },
    shared: at.shared,
    backups: home.backups,
  }
}
