import { type Actor, may } from '../../api/actor.ts'
import { type App, currentRelease, type Deployment, servedBefore } from '../../apps/app/app.ts'
import { parseName } from '../../apps/app/names.ts'
import { appStatus, type SeenApp } from '../../apps/app/status.ts'
import type { AppStore } from '../../apps/app/store.ts'
import type { AppStatus } from '../../apps/app/wire.ts'
import type { TrafficHistory } from '../../apps/checks/traffic.ts'
import type { Watcher } from '../../apps/checks/watcher.ts'
import type { ClusterFiles, Clusters } from '../../apps/databases/cluster.ts'
import { sayLoss } from '../../apps/databases/gone.ts'
import { isPart } from '../../apps/deploys/observe.ts'
import type { ReleaseStore } from '../../apps/releases/store.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { unmarked } from '../../kernel/words.ts'
import type { Edge, RouteTable } from '../../reach/edge/edge.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Status } from './wire.ts'

/** The parts of the server that all apps need. */
export interface PartPorts {
  supervisor: Pick<Supervisor, 'list' | 'state'>
  edge: Pick<Edge, 'alive'>
  clusters: Clusters<{ accepts(): Promise<boolean> } & Pick<ClusterFiles, 'loss'>>
  /** Whether the Redis of an app answers. */
  redis(app: string): Promise<boolean>
  /** The pid of the supervision tree, which restarts what ends; null: it does not run. */
  supervision(): Promise<number | null>
}

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

/** The whole status: what was seen last of every app, and of the parts that all apps need. */
export function createStatus({ parts, apps, keeper, host, alarms }: Options) {
  async function status(actor: Actor): Promise<Status> {
    const mayChange = may(actor.role, 'operator')
    const waiting = await apps.recovering()
    const beside = async (app: string) => ({
      mayChange,
      loss: (await lossOf(parts.clusters, app))?.what ?? null,
      recovering: waiting.includes(app),
    })
    return {
      keeper: keeper(),
      host: await host(),
      alarms: await alarms(),
      parts: [await supervisionOf(parts), ...(await partsOf(parts))],
      apps: await Promise.all(
        (await apps.apps.all()).map(async app => statusOfApp(apps, app, await beside(app.name))),
      ),
    }
  }

  return {
    status,
    /** Failure `app.unknown`. */
    async appStatus(actor: Actor, name: string): Promise<AppStatus> {
      await apps.apps.get(name)
      return (await status(actor)).apps.find(app => app.name === name)!
    },
  }
}

async function partsOf({ supervisor, edge, clusters, redis }: PartPorts): Promise<Status['parts']> {
  const answersOf = (name: string): Promise<boolean> | null => {
    const named = parseName(name)
    if (named.kind === 'postgres') return clusters.of(named.app).accepts()
    if (named.kind === 'redis') return redis(named.app)
    return name === 'edge' ? edge.alive() : null
  }
  const names = (await supervisor.list()).filter(name => isPart(name) && name !== 'keeper').sort()
  const seen = await Promise.all(
    names.map(async (name): Promise<Status['parts']> => {
      const state = await supervisor.state(name)
      // It was removed since the list was made.
      if (state === null) return []
      const answers = await (answersOf(name) ?? state.pid !== null)
      const up = state.pid !== null && answers
      const detail = up ? `for ${showDuration(state.seconds * 1000)}` : logsOf(name)
      const part = {
        name,
        state: up ? 'up' : state.wanted ? 'down' : 'stopped',
        pid: state.pid,
        detail,
      } as const
      const named = parseName(name)
      const lost = named.kind === 'postgres' ? await lossOf(clusters, named.app) : null
      return [
        lost === null ? part : { ...part, state: 'down', detail: `${lost.what}; ${unmarked(lost.fix)}` },
      ]
    }),
  )
  return seen.flat()
}

/** What became of the files of an app's cluster; null: they are there, or go on elsewhere. */
async function lossOf(clusters: PartPorts['clusters'], app: string) {
  const loss = await clusters.of(app).loss()
  return loss === null || loss.server === 'elsewhere' ? null : sayLoss(app, loss)
}

/** The command that shows the log of a part. */
function logsOf(name: string): string {
  const [app, service] = name.split('.')
  return service === undefined ? `inn logs ${name}` : `inn logs ${app} --service ${service}`
}

/** The supervision tree as a part. Without it, nothing that ends is started again. */
async function supervisionOf({ supervision }: PartPorts): Promise<Status['parts'][number]> {
  const pid = await supervision()
  const detail = pid === null ? 'inn up starts it; until then nothing that ends is started again' : 'runsvdir'
  return { name: 'supervision', state: pid === null ? 'down' : 'up', pid, detail }
}

async function statusOfApp(
  ports: AppPorts,
  app: App,
  more: Pick<SeenApp, 'mayChange' | 'loss' | 'recovering'>,
): Promise<AppStatus> {
  const { apps, releases, edge, watcher, traffic, openRun, httpPort, httpsPort } = ports
  const { name } = app
  // During the watch of a switch, the store still has the old deployments, so the edge is asked who takes traffic.
  const found = { ...app, live: { ...app.live, ...deploymentsIn(await edge.table(name)) } }
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
