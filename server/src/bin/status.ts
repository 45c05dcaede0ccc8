import { statfs } from 'node:fs/promises'
import { cpus, freemem, hostname, totalmem } from 'node:os'
import type { Place } from '../apps/app/app.ts'
import { appStatus, newest } from '../apps/app/status.ts'
import type { Watcher } from '../apps/checks/watcher.ts'
import { isPart } from '../apps/deploys/observe.ts'
import type { Alarm } from '../data/backups/wire.ts'
import { showDuration } from '../kernel/durations.ts'
import type { RouteTable } from '../reach/edge/edge.ts'
import { type Actor, may } from '../reach/people/people.ts'
import type { Status } from '../watch/status/wire.ts'
import { treePid } from './tree.ts'
import type { Keeper } from './wire.ts'

interface StatusOptions {
  keeper: Keeper
  watcher: Watcher
  version: string
  url: string
  httpPort: number | null
  upSince: Date
  alarms(): Promise<Alarm[]>
}

/** The whole status: what was seen last of every app, and the parts that all of them stand on. */
export function statusOf({ keeper, watcher, version, url, httpPort, upSince, alarms }: StatusOptions) {
  const { home, apps, releases, supervisor, edge, cluster } = keeper

  const checks: Record<string, () => Promise<boolean>> = {
    edge: () => edge.alive(),
    postgres: () => cluster.accepts(),
  }

  async function parts(): Promise<Status['parts']> {
    const names = (await supervisor.list()).filter(name => isPart(name) && name !== 'keeper').sort()
    return Promise.all(
      names.map(async name => {
        const state = (await supervisor.state(name))!
        const answers = await (checks[name]?.() ?? state.pid !== null)
        const up = state.pid !== null && answers
        return {
          name,
          state: up ? 'up' : state.wanted ? 'down' : 'stopped',
          pid: state.pid,
          detail: up ? `for ${showDuration(state.seconds * 1000)}` : `inn logs ${name}`,
        } as const
      }),
    )
  }

  /** Without it nothing that ends is started again. */
  async function supervision(): Promise<Status['parts'][number]> {
    const pid = await treePid(home.root)
    const detail =
      pid === null ? 'inn up starts it; until then nothing that ends is started again' : 'runsvdir'
    return { name: 'supervision', state: pid === null ? 'down' : 'up', pid, detail }
  }

  async function app(name: string, mayChange: boolean) {
    const known = (await apps.find(name))!
    // While a switch is watched, what takes traffic is not yet what is settled: the edge knows.
    const found = { ...known, live: { ...known.live, ...placesOf(await edge.table(name)) } }
    const id = newest(Object.values(found.live).map(p => p.release))
    const release = id === null ? null : await releases.find(name, id)
    const warm = (await apps.retirements(name)).map(r => Math.max(r.warmUntil, 0))
    return appStatus({
      app: found,
      config: release?.config ?? null,
      instances: await watcher.instances(name),
      warmUntil: warm.length === 0 ? null : Math.max(...warm),
      running: keeper.openRun(name),
      httpPort,
      deployed: release === null ? null : { at: release.createdAt, by: release.actor },
      mayChange,
    })
  }

  return async (actor: Actor): Promise<Status> => {
    const disk = await statfs(home.root)
    return {
      keeper: {
        version,
        pid: process.pid,
        rssBytes: process.memoryUsage.rss(),
        url,
        home: home.root,
        upSince: upSince.toISOString(),
      },
      host: {
        name: hostname(),
        cpus: cpus().length,
        memoryBytes: totalmem(),
        memoryFreeBytes: freemem(),
        diskBytes: disk.blocks * disk.bsize,
        diskFreeBytes: disk.bavail * disk.bsize,
      },
      alarms: await alarms(),
      parts: [await supervision(), ...(await parts())],
      apps: await Promise.all((await apps.all()).map(a => app(a.name, may(actor.role, 'operator')))),
    }
  }
}

/** Who takes traffic, service by service. */
const placesOf = (table: RouteTable | null): Record<string, Place> =>
  Object.fromEntries(
    Object.entries(table?.services ?? {}).map(([service, { release, colour }]) => [
      service,
      { release, colour },
    ]),
  )
