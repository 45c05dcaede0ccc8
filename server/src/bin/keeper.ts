import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { listenTrusted } from '../api/access.ts'
import type { ApiPorts } from '../api/ports.ts'
import { buildApi } from '../api/server.ts'
import { slotName } from '../apps/app/app.ts'
import { SLOT_SECONDS, trafficHistory } from '../apps/checks/traffic.ts'
import { createWatcher } from '../apps/checks/watcher.ts'
import { runningSlots } from '../apps/deploys/observe.ts'
import { logFolder } from '../apps/deploys/perform-instances.ts'
import { runPath } from '../apps/deploys/perform-release.ts'
import { oneOff } from '../apps/releases/one-off.ts'
import { readSettings } from '../config/settings.ts'
import type { Alarm } from '../data/backups/alarms.ts'
import { betterAuthPeople } from '../drivers/better-auth/better-auth.ts'
import { cgroupFolder, tidyCgroups } from '../drivers/host/cgroups.ts'
import { mountsProblem } from '../drivers/host/mounts.ts'
import { treeRss } from '../drivers/host/proc.ts'
import { uploads } from '../drivers/host/uploads.ts'
import { beginner } from '../engine/precedence.ts'
import { describe, Failure } from '../kernel/failure.ts'
import { showSize } from '../kernel/sizes.ts'
import { auditLog } from '../reach/people/audit.ts'
import { tokenStore } from '../reach/people/store.ts'
import type { LogSource } from '../watch/logs/read.ts'
import { alarmWatch } from './alarms.ts'
import { statusOf } from './status.ts'
import { serverViews } from './steps.ts'
import { PROJECT, version } from './version.ts'
import { type Keeper, wireKeeper } from './wire.ts'

/** The keeper: goes on with what its journal says was under way, then answers. Killed at any moment, it harms nobody. */
export async function main(root: string): Promise<void> {
  const settings = await readSettings(root)
  if (settings === null) throw new Error(`${root} was never set up: inn up`)
  const keeper = wireKeeper(root, settings)
  const url = `http://127.0.0.1:${settings.apiPort}`
  await keeper.edge.prepare()
  const alarms = alarmWatch({
    sources: [keeper.backups.alarms, keeper.drills.alarms, missingWalls(keeper)],
    clock: keeper.clock,
    log,
  })
  keeper.engine.on(event => event.type === 'run' && alarms.stale())
  const ports = apiPorts(keeper, { url, httpPort: settings.httpPort, alarms: alarms.now })
  await tidyCgroups(cgroupFolder(root), await keeper.supervisor.list())
  log('info', `resumed ${keeper.engine.resume().length} runs`)
  const socket = keeper.home.keeperSocket
  await rm(socket, { force: true })
  const api = await buildApi(ports)
  await api.listen({ host: '127.0.0.1', port: settings.apiPort })
  await listenTrusted(api, socket)
  every(1_000, 'watch', () => ports.watcher.tick())
  every(SLOT_SECONDS * 1_000, 'traffic', () => ports.traffic.tick(), { aligned: true })
  // Again and again: whoever reloads a firewall of their own may empty all tables.
  every(30_000, 'ports', () => keeper.ports.holdPorts())
  every(2_000, 'retire', () => keeper.deployer.retireDue())
  every(5_000, 'heartbeat', () => keeper.backups.beat())
  every(5_000, 'backups', () => keeper.backups.tick())
  every(15_000, 'alarms', () => alarms.tick())
  every(60_000, 'drills', () => keeper.drills.tick())
  every(5_000, 'copies', () => keeper.copies.tick())
  every(60_000, 'tables', () => keeper.tables.tick())
  every(60_000, 'rest', async () => rest(keeper))
  log('info', `keeper ${ports.version} answers on ${url}`)
  // Types stripped and code compiled once: the next start is quicker and smaller, even after a kill.
  flushCompileCache()
  await once(process, 'SIGTERM')
  // What is under way goes on from the journal when the keeper is back.
  process.exit(0)
}

/** Walls between apps that this machine does not have. What is not there is not made by waiting: asked once. */
function missingWalls({ wall }: Keeper): () => Promise<Alarm[]> {
  const asked = mountsProblem()
  const alarm = (code: string, what: string, fix: string): Alarm => ({ code, level: 'soon', what, fix })
  return async () => {
    const [ports, mounts] = [wall.problem(), await asked]
    return [
      ...(ports === null
        ? []
        : [
            alarm(
              'walls.ports',
              `an app may take the port of another one that is down: ${ports}`,
              'apt-get install nftables, or run where the kernel has it; then inn up',
            ),
          ]),
      ...(mounts === null
        ? []
        : [
            alarm(
              'walls.mounts',
              `apps see the home, /tmp and the processes of others, as far as permissions let them: ${mounts}`,
              'run Innkeeper on the machine itself, or in a container that may mount (CAP_SYS_ADMIN)',
            ),
          ]),
    ]
  }
}

const log = (level: string, msg: string, more: object = {}): void =>
  console.log(JSON.stringify({ level, msg, ...more }))

/** Gives memory back that the last change needed; left to itself, the heap stays as large as it ever was. */
function rest({ engine }: Keeper): void {
  if (!engine.busy()) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Repeats work without overlap; what it throws is logged and does not end the keeper. `aligned`: at multiples of the interval. */
function every(ms: number, name: string, work: () => Promise<void>, { aligned = false } = {}): void {
  const turn = async () => {
    try {
      await work()
    } catch (error) {
      log('error', `${name} failed`, {
        error: describe(error),
        stack: error instanceof Error ? error.stack : null,
      })
    }
    setTimeout(turn, aligned ? ms - (Date.now() % ms) : ms)
  }
  void turn()
}

const OUTPUT_LINES = 5_000

interface Around {
  url: string
  httpPort: number | null
  alarms(): Promise<Alarm[]>
}

function apiPorts(keeper: Keeper, { url, httpPort, alarms }: Around): ApiPorts {
  const { home, store, clock, apps, releases, engine } = keeper
  const watcher = watch(keeper)
  engine.on(event => event.type === 'run' && watcher.changed())
  const upload = uploads(home.uploads)
  const outputs = new Map<string, Array<{ phase: 'steps' | 'cleanup'; index: number; text: string }>>()
  engine.on(event => {
    if (event.type !== 'line') return
    const lines = outputs.get(event.run) ?? []
    if (lines.length < OUTPUT_LINES) lines.push({ phase: event.phase, index: event.index, text: event.text })
    outputs.set(event.run, lines)
    // Only the latest runs are looked at live; the release's log keeps the rest.
    if (outputs.size > 20) outputs.delete(outputs.keys().next().value!)
  })
  return {
    version: version(),
    home,
    webFolder: join(PROJECT, 'web/dist'),
    clock,
    people: betterAuthPeople({
      db: store.raw,
      tokens: tokenStore(store),
      url,
      secret: () => keeper.secret('auth'),
    }),
    audit: auditLog(store, clock.now),
    apps,
    releases,
    journal: keeper.journal,
    view: serverViews,
    begin: beginner({ engine, journal: keeper.journal }),
    backups: keeper.backups,
    restores: keeper.restores,
    copies: keeper.copies,
    tables: keeper.tables,
    recovery: keeper.recovery,
    drills: keeper.drills,
    engine,
    deployer: keeper.deployer,
    watcher,
    traffic: trafficHistory(store, { apps, edge: keeper.edge, clock }),
    status: statusOf({
      keeper,
      watcher,
      version: version(),
      url,
      httpPort,
      upSince: new Date(clock.now()),
      alarms,
    }),
    runs: keeper.runs,
    output: run => outputs.get(run) ?? [],
    logSources: app => logSources(keeper, app),
    oneOff: oneOff({
      home,
      releases,
      run: keeper.ports.run,
      confined: keeper.ports.confined,
      path: (node, cwd, tree) => runPath(keeper.ports, { node, root: cwd, tree }),
    }),
    saveUpload: upload.save,
    hasUpload: upload.has,
  }
}

function watch(keeper: Keeper) {
  const { apps, supervisor, clock, releases, ports } = keeper
  return createWatcher({
    apps,
    supervisor,
    clock,
    probe: ports.probe,
    rss: treeRss,
    slots: (app, given) => runningSlots(ports, app, given),
    config: remembered(async (app, release) => (await releases.find(app, release))?.config ?? null),
    async onOverLimit(slot, rss, limit) {
      log(
        'warn',
        `${slotName(slot)} holds ${showSize(rss)}, more than its ${showSize(limit)}: it is started again`,
      )
      await supervisor.stop(slotName(slot))
      await supervisor.start(slotName(slot))
    },
  })
}

/** A release never changes, and its file is asked for every second. */
function remembered<T>(read: (app: string, release: string) => Promise<T | null>) {
  const known = new Map<string, T>()
  return async (app: string, release: string): Promise<T | null> => {
    const key = `${app}/${release}`
    const value = known.get(key) ?? (await read(app, release))
    if (value !== null && known.size < 200) known.set(key, value)
    return value
  }
}

/** Log folders of an app's instances, or of a part: `inn logs keeper`. */
async function logSources(keeper: Keeper, name: string): Promise<LogSource[]> {
  const app = await keeper.apps.find(name)
  if (app === null) {
    if (name.includes('.') || (await keeper.supervisor.state(name)) === null) {
      throw new Failure('app.unknown', `there is no app or part ${name}`, {
        why: 'nothing of that name was deployed here, or is run for all apps',
        fix: 'inn status lists them; keeper, edge and postgres are parts',
      })
    }
    return [{ folder: join(keeper.home.logs, name), service: name, n: 1 }]
  }
  const owners = [...(await keeper.apps.ports()).keys()].filter(owner => owner.startsWith(`${name}.`))
  return owners.flatMap(owner => {
    const [, service, colour, n] = owner.split('.')
    if (n === undefined)
      return [{ folder: join(keeper.home.app(name).logs, service!), service: service!, n: 1 }]
    const slot = { app: name, service: service!, colour: colour as 'blue' | 'green', n: Number(n), port: 0 }
    return [{ folder: logFolder(keeper, slot), service: slot.service, n: slot.n }]
  })
}
