import { type Actor, mayIn } from '../../api/actor.ts'
import { type App, currentRelease, type Deployment, servedBefore } from '../../apps/app/app.ts'
import { parseName } from '../../apps/app/names.ts'
import { appStatus, type SeenApp } from '../../apps/app/status.ts'
import type { AppStore } from '../../apps/app/store.ts'
import type { AppStatus } from '../../apps/app/wire.ts'
import type { TrafficHistory } from '../../apps/checks/traffic.ts'
import type { Watcher } from '../../apps/checks/watcher.ts'
import type { ReleaseStore } from '../../apps/releases/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Edge, RouteTable } from '../../reach/edge/edge.ts'
import { lossOf, type PartPorts, partsOf, seenParts } from './parts.ts'
import type { Status } from './wire.ts'

export interface AppPorts {
  apps: Pick<AppStore, 'all' | 'get' | 'retirements'>
  releases: Pick<ReleaseStore, 'find' | 'ready'>
  edge: Pick<Edge, 'table' | 'certified'>
  watcher: Pick<Watcher, 'instances'>
  traffic: Pick<TrafficHistory, 'lately'>
  /** Apps that a recovery of the server will start when their data is back. */
  recovering(): Promise<readonly string[]>
  /** The id of an app's run that is under way; null: there is none. */
  openRun(app: string): string | null
  clock: Pick<Clock, 'now'>
  /** The public port of apps with domains; null: no app is public. */
  httpPort: number | null
  /** That for TLS; null: there is none. */
  httpsPort: number | null
}

interface Options {
  parts: PartPorts
  apps: AppPorts
  keeper(): Status['keeper']
  host(): Promise<Status['host']>
  alarms(): Promise<Alarm[]>
}

/** The whole status, as far as somebody sees it: what was seen last of every app, and of the parts that all apps need. */
export function createStatus({ parts, apps, keeper, host, alarms }: Options) {
  async function status(actor: Actor): Promise<Status> {
    const sees = (app: string | null) => mayIn(actor, 'viewer', app)
    const waiting = await apps.recovering()
    const beside = async (app: string) => ({
      mayChange: mayIn(actor, 'operator', app),
      loss: (await lossOf(parts.clusters, app))?.what ?? null,
      recovering: waiting.includes(app),
    })
    return {
      keeper: keeper(),
      host: await host(),
      alarms: (await alarms()).filter(({ app }) => sees(app ?? null)),
      parts: (await partsOf(parts)).filter(({ name }) => sees(ownerOf(name))),
      apps: await Promise.all(
        (await apps.apps.all())
          .filter(({ name }) => sees(name))
          .map(async app => statusOfApp(apps, app, await beside(app.name))),
      ),
    }
  }

  return {
    status,
    parts: (asks: (name: string) => boolean) => seenParts(parts, asks),
    /** Failure `app.unknown`. */
    async appStatus(actor: Actor, name: string): Promise<AppStatus> {
      await apps.apps.get(name)
      return (await status(actor)).apps.find(app => app.name === name)!
    },
  }
}

/** The app of a part; null: all apps need it. */
const ownerOf = (part: string): string | null => {
  const named = parseName(part)
  return 'app' in named ? named.app : null
}

async function statusOfApp(
  ports: AppPorts,
  app: App,
  more: Pick<SeenApp, 'mayChange' | 'loss' | 'recovering'>,
): Promise<AppStatus> {
  const { apps, releases, edge, watcher, traffic, openRun, httpPort, httpsPort, clock } = ports
  const { name } = app
  // During the watch of a switch, the store still has the old deployments, so the edge is asked who takes traffic.
  const table = await edge.table(name)
  const closedUntil = table?.closed?.until ?? 0
  const found = { ...app, live: { ...app.live, ...deploymentsIn(table) } }
  const id = currentRelease(found)
  const release = id === null ? null : await releases.find(name, id)
  const warm = (await apps.retirements(name)).map(r => r.warmUntil)
  // Of an app without a domain there is none, and this is asked for often.
  const certified = release?.config.domains.length ? await edge.certified(name) : null
  return appStatus({
    app: found,
    config: release?.config ?? null,
    instances: await watcher.instances(name),
    visited: Object.entries(found.live).map(([service, { release: of }]) => ({
      service,
      ...traffic.lately(name, service, of),
    })),
    warmUntil: warm.length === 0 ? null : Math.max(...warm),
    ready: await readyOf(ports, found),
    running: openRun(name),
    asleep: table?.asleep === true,
    closedUntil: closedUntil > clock.now() ? closedUntil : null,
    httpPort,
    secure: certified === null || httpsPort === null ? null : { port: httpsPort, names: certified.names },
    deployed: release === null ? null : { at: release.createdAt, by: release.actor },
    ...more,
  })
}

/** Releases with files. They are read only where it is not known otherwise what a rollback leads to. */
async function readyOf({ releases }: Pick<AppPorts, 'releases'>, app: App): Promise<string[]> {
  if (servedBefore(app) !== null) return []
  return releases.ready(app.name)
}

/** Service → the deployment that takes its traffic. */
const deploymentsIn = (table: RouteTable | null): Record<string, Deployment> =>
  Object.fromEntries(
    Object.entries(table?.services ?? {}).map(([service, { release, colour }]) => [
      service,
      { release, colour },
    ]),
  )
