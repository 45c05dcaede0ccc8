import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import { type App, currentRelease } from '../app/app.ts'
import { appLock } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import type { DeployStep } from '../deploys/step.ts'
import type { ReleaseStore } from '../releases/store.ts'
import { after, isIdle, mayTry, type Tried, type Visited, visited } from './rule.ts'

export interface SleepPorts {
  apps: Pick<AppStore, 'all' | 'find'>
  releases: Pick<ReleaseStore, 'find'>
  edge: Pick<Edge, 'traffic' | 'table' | 'wanted'>
  deployer: Pick<Deployer, 'planSleep' | 'planWake'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  clock: Clock
}

/** Lets apps with `sleep:` sleep when nobody asks for them, and starts them when somebody does. */
export function createSleeping(ports: SleepPorts) {
  const { apps, releases, edge, deployer, engine, clock } = ports
  /** What was seen of each app since it began to serve. A keeper that starts counts from its start. */
  const seen = new Map<string, Visited>()
  const tried = new Map<string, Tried>()
  /** Apps that are asked for, and not started yet. */
  const asked = new Set<string>()

  /** How long nobody may have asked; false: it never sleeps. */
  async function patience(app: App): Promise<number | false> {
    const id = app.state === 'running' ? currentRelease(app) : null
    const config = id === null ? undefined : (await releases.find(app.name, id))?.config
    const processes = config?.services.some(service => service.kind !== 'static') ?? false
    return processes ? (config?.sleep ?? false) : false
  }

  async function letSleep(app: App): Promise<void> {
    const { name } = app
    const most = await patience(app)
    if (most === false || engine.holds(appLock(name))) return void seen.delete(name)
    const now = visited(seen.get(name), await edge.traffic(name), clock.now())
    seen.set(name, now)
    if (isIdle(now, most, clock.now())) startUnlessLocked(engine, await deployer.planSleep(name))
  }

  /** Whether there is nothing more to do for whoever asks: it starts, or may not be tried yet. */
  async function wake(name: string): Promise<boolean> {
    if ((await apps.find(name))?.state !== 'stopped') return true
    const now = clock.now()
    if (!mayTry(tried.get(name), now)) return true
    // It may be on its way to sleep: it is woken when that is done.
    if (engine.holds(appLock(name)) || !startUnlessLocked(engine, await deployer.planWake(name))) return false
    tried.set(name, after(tried.get(name), now))
    return true
  }

  const someAsleep = async (all: readonly App[]): Promise<boolean> => {
    for (const { name, state } of all)
      if (state === 'stopped' && (await edge.table(name))?.asleep === true) return true
    return false
  }

  return {
    /** Called by a timer. */
    async rest(): Promise<void> {
      for (const app of await apps.all()) {
        if (app.state === 'running') tried.delete(app.name)
        await letSleep(app)
      }
    },

    /** Starts what is asked for; called by a timer. It waits for requests as long as the edge does. */
    async wake(): Promise<void> {
      if (!(await someAsleep(await apps.all()))) return asked.clear()
      if (asked.size === 0) for (const name of await edge.wanted()) asked.add(name)
      for (const name of asked) {
        // One that cannot be started must not keep the others waiting.
        const settled = await wake(name).catch(() => {
          tried.set(name, after(tried.get(name), clock.now()))
          return true
        })
        if (settled) asked.delete(name)
      }
    },
  }
}
