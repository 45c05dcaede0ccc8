import type { Actor } from '../../api/actor.ts'
import { logName } from '../../apps/app/names.ts'
import type { AppStatus } from '../../apps/app/wire.ts'
import type { AppConfig } from '../../config/config.ts'
import type { Store } from '../../db/db.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Status } from '../status/wire.ts'
import type { Facts, SeenInstance, Use } from './own.ts'
import { certificatesOf, messagesOf, runsOf, underWay } from './store.ts'

export interface FactPorts {
  clock: Clock
  store: Store
  version: string
  status(actor: Actor): Promise<Status>
  use(pid: number): Promise<Use | null>
  config(app: string, release: string): Promise<AppConfig | null>
  /** Bytes of the database of an app; null: not known yet. */
  databaseBytes(app: string): number | null
  /** 99th percentile of how late the keeper came to its work, in seconds, since it was asked last. */
  lag(): number
}

const WATCHER: Actor = {
  id: null,
  name: 'prometheus',
  email: null,
  ...{ session: null, factor: null },
  ...{ role: 'viewer', apps: {}, verbs: null },
}

/** Everything that the keeper's own metrics are made of, as it is now. */
export async function readFacts(ports: FactPorts): Promise<Facts> {
  const { clock, store, version, status, use, lag } = ports
  const seen = await status(WATCHER)
  return {
    version,
    keeper: {
      use: await use(seen.keeper.pid),
      heapBytes: process.memoryUsage().heapUsed,
      lagSeconds: lag(),
    },
    apps: seen.apps
      .filter(({ state }) => state !== 'new' && state !== 'stopped' && state !== 'asleep')
      .map(({ name, state, release }) => ({ app: name, serving: state !== 'down', current: release })),
    instances: (await Promise.all(seen.apps.map(app => instancesOf(ports, app)))).flat(),
    parts: seen.parts
      .filter(({ state }) => state !== 'stopped')
      .map(({ name, state }) => ({ part: name, up: state === 'up' })),
    runs: await runsOf(store),
    underWay: await underWay(store),
    certificates: await certificatesOf(store),
    databases: (await Promise.all(seen.apps.map(app => databaseOf(ports, app)))).flat(),
    alarms: seen.alarms,
    messages: await messagesOf(store, clock.now()),
  }
}

async function databaseOf({ config, databaseBytes }: FactPorts, { name, release, state }: AppStatus) {
  const quota = release === null ? undefined : (await config(name, release))?.database?.quota
  return quota === undefined || state === 'stopped' || state === 'asleep'
    ? []
    : [{ app: name, quota, bytes: databaseBytes(name) }]
}

async function instancesOf({ use, config }: FactPorts, app: AppStatus): Promise<SeenInstance[]> {
  const all = app.services.flatMap(service =>
    service.instances.map(async one => {
      const known = (await config(app.name, one.release))?.services.find(({ name }) => name === service.name)
      return {
        app: app.name,
        service: service.name,
        instance: logName({ service: service.name, colour: one.colour, n: one.n }),
        colour: one.colour,
        release: one.release,
        ready: one.role === 'live' && one.state !== 'stopped' ? one.state === 'ready' : null,
        restarts: one.restarts,
        memoryLimit: known?.memory ?? null,
        use: one.pid === null ? null : await use(one.pid),
      }
    }),
  )
  return Promise.all(all)
}
