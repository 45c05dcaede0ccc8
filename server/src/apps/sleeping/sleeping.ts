import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { App } from '../app/app.ts'
import type { Awake } from '../app/awake.ts'
import { appLock, serverName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import { resting, isAsleep as sleeps } from '../deploys/sleep.ts'
import type { DeployStep } from '../deploys/step.ts'
import { currentReleases } from '../releases/current.ts'
import type { Release } from '../releases/release.ts'
import type { ReleaseStore } from '../releases/store.ts'
import { after, alarmOf, isIdle, mayTry, type Tried, type Visited, visited } from './rule.ts'

const LONGEST_WAIT_MS = 60_000

export interface SleepPorts {
  apps: Pick<AppStore, 'all' | 'find'>
  releases: Pick<ReleaseStore, 'find'>
  edge: Pick<Edge, 'traffic' | 'table' | 'wanted'>
  supervisor: Pick<Supervisor, 'state'>
  deployer: Pick<Deployer, 'planSleep' | 'planRest' | 'planWake'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  awake: Pick<Awake, 'has' | 'hold'>
  clock: Clock
}

export type Sleeping = ReturnType<typeof createSleeping>

/** Lets apps with `sleep:` sleep when nobody asks for them, and starts them when somebody does. */
export function createSleeping(ports: SleepPorts) {
  const { apps, edge, deployer, engine, awake, clock } = ports
  /** What was seen of each app since it began to serve. A keeper that starts counts from its start. */
  const seen = new Map<string, Visited>()
  const tried = new Map<string, Tried>()
  /** Apps that are asked for, and not started yet. */
  const asked = new Set<string>()

  /** Whether the next request would start an app. */
  const isAsleep = async (app: App): Promise<boolean> =>
    app.state === 'stopped' && sleeps({ app, table: await edge.table(app.name) })

  async function letSleep({ name }: App, release: Release): Promise<void> {
    const most = patienceOf(release)
    if (most === false || engine.holds(appLock(name)) || awake.has(name)) return void seen.delete(name)
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

  /** One that cannot be started keeps nobody waiting. */
  const tryToWake = (name: string): Promise<boolean> =>
    wake(name).catch(() => {
      tried.set(name, after(tried.get(name), clock.now()))
      return true
    })

  async function tend(app: App, release: Release): Promise<void> {
    if (app.state === 'running') {
      tried.delete(app.name)
      return letSleep(app, release)
    }
    if (engine.holds(appLock(app.name)) || awake.has(app.name) || !(await isAsleep(app))) return
    // Whatever was done to its data may have started them.
    if (await serversRun(ports, app.name, release))
      startUnlessLocked(engine, await deployer.planRest(app.name))
  }

  return {
    isAsleep,

    /** Begins to start an app, for what asks again until it runs. One that does not start is tried ever later. */
    async ask(name: string): Promise<void> {
      await tryToWake(name)
    },

    /** Called by a timer. An app that cannot be looked at does not keep the others from it. */
    async rest(): Promise<void> {
      const serving = await currentReleases(ports)
      const all = await Promise.allSettled(serving.map(({ app, release }) => tend(app, release)))
      for (const one of all) if (one.status === 'rejected') throw one.reason
    },

    /** Starts what is asked for; called by a timer. While nobody waits, it waits for requests as long as the edge does. */
    async wake(): Promise<void> {
      const some = await Promise.all((await apps.all()).map(isAsleep))
      if (!some.includes(true)) return asked.clear()
      for (const name of await edge.wanted(asked.size === 0)) asked.add(name)
      for (const name of asked) if (await tryToWake(name)) asked.delete(name)
    },

    /** Starts an app that sleeps, for somebody who is about to change it or to use its data. One that does not start in a minute stays as it is. */
    async awaken(name: string): Promise<void> {
      const asleep = async () => {
        const app = await apps.find(name)
        return app !== null && (await isAsleep(app))
      }
      if (!(await asleep())) return
      let begun = false
      for (const end = clock.now() + LONGEST_WAIT_MS; clock.now() < end; ) {
        if (engine.holds(appLock(name))) await clock.sleep(50)
        else if (begun || !mayTry(tried.get(name), clock.now()) || !(await asleep())) return
        else begun = await tryToWake(name)
      }
    },

    /** Of apps that somebody asked for in vain. */
    async alarms(): Promise<Alarm[]> {
      const found = (await apps.all()).map(async app => {
        const inVain = tried.has(app.name) && !engine.holds(appLock(app.name)) && (await isAsleep(app))
        return inVain ? [alarmOf(app.name)] : []
      })
      return (await Promise.all(found)).flat()
    },
  }
}

/** How long nobody may have asked; false: it never sleeps. */
const patienceOf = ({ config }: Release): number | false =>
  config.services.some(service => service.kind !== 'static') ? config.sleep : false

/** Whether a server runs that was stopped when the app fell asleep. */
async function serversRun(
  { supervisor }: Pick<SleepPorts, 'supervisor'>,
  app: string,
  { config }: Release,
): Promise<boolean> {
  const states = await Promise.all(resting(config).map(server => supervisor.state(serverName(app, server))))
  return states.some(state => state?.wanted === true)
}
