import { randomInt, randomUUID } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import { confinement } from '../apps/app/confinement.ts'
import type { Held } from '../apps/app/port-wall.ts'
import { type AppStore, appStore } from '../apps/app/store.ts'
import { createDeployer } from '../apps/deploys/deployer.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import { releaseStore } from '../apps/releases/store.ts'
import { type Home, homeAt } from '../config/home.ts'
import { readSettings } from '../config/settings.ts'
import { markPoint } from '../data/backups/perform.ts'
import { createCopies } from '../data/copies/copies.ts'
import type { Cluster } from '../data/databases/cluster.ts'
import { createDrills } from '../data/drills/drills.ts'
import { newPlaces } from '../data/places/policy.ts'
import { createRestores } from '../data/restores/restores.ts'
import { receiveAsAsked, receiveFor } from '../data/streaming/receive.ts'
import { createTables } from '../data/tables/tables.ts'
import { openStore, type Store } from '../db/db.ts'
import { readSetting } from '../db/setting.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { cgroupFolder } from '../drivers/host/cgroups.ts'
import { exec, SYSTEM_PATH } from '../drivers/host/exec.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { portWall } from '../drivers/host/nft.ts'
import { freeAppPort, isFree } from '../drivers/host/ports.ts'
import { probe } from '../drivers/host/probe.ts'
import { listeningOn } from '../drivers/host/proc.ts'
import { sources } from '../drivers/host/source.ts'
import { files } from '../drivers/host/tree.ts'
import {
  accountName,
  appAccount,
  EDGE_USER,
  endProcesses,
  findAccount,
  packageAccount,
  removeAccount,
} from '../drivers/host/users.ts'
import { edgeCommand, nginxEdge } from '../drivers/nginx/nginx.ts'
import { runtimes } from '../drivers/npm/runtimes.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { withDatabase } from '../drivers/postgres/connect.ts'
import { postgres } from '../drivers/postgres/postgres.ts'
import { runit } from '../drivers/runit/runit.ts'
import { readArchived, unpack } from '../drivers/tar/archive.ts'
import { createEngine } from '../engine/engine.ts'
import type { Journal, RunRow } from '../engine/journal.ts'
import { sqliteJournal } from '../engine/sqlite-journal.ts'
import { systemClock } from '../kernel/clock.ts'
import { Secret } from '../kernel/secret.ts'
import { byKit } from './by-kit.ts'
import { type ServerStep, serverPerformer } from './steps.ts'
import { backupPorts, drillPorts, KIT_KEPT, restorePorts, wireBackups } from './wire-backups.ts'
import { recoveryPorts, wireRecovery } from './wire-recovery.ts'
import { copyPorts, tablePorts } from './wire-tables.ts'

/** Most that one service may hold: the server, its database and the keeper go on. */
const MEMORY_SHARE = 0.85

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const random = (length: number): string =>
  Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')

interface ServerSettings {
  httpPort: number | null
  /** Encrypts the backups. */
  passphrase?: () => Promise<Secret>
}

/** The drivers of one home, put together. Nothing is started. */
export function wireServer(root: string, settings: ServerSettings) {
  const home = homeAt(root)
  const supervisor = runit({ services: home.services, watched: home.watched })
  const http = settings.httpPort === null ? null : { port: settings.httpPort, address: '0.0.0.0' }
  const edge = nginxEdge({ home: root, http })
  const account = () => packageAccount('postgres')
  const physical = pgbackrest({
    at: home.backups,
    account,
    cluster: () => cluster.expected(),
    passphrase: settings.passphrase ?? noStore,
  })
  const cluster: Cluster = postgres({
    at: home.postgres,
    run: home.run,
    log: join(home.logs, 'postgres'),
    supervisor,
    account,
    archiveCommand: physical.archiveCommand,
    newPassword: () => random(32),
  })
  return { home, supervisor, edge, cluster, physical, edgeCommand: edgeCommand(root) }
}

/** Whoever brings the tree up or down has no keeper's store, and makes no backups. */
const noStore = (): never => {
  throw new Error('the key of the backups is in the store of the keeper')
}

/** The keeper's insides over its store. */
export function wireKeeper(root: string, settings: { httpPort: number | null }) {
  const clock = systemClock
  const store = openStore(homeAt(root).store)
  const passphrase = async () => new Secret(await keeperSecret(store, 'backups'))
  const server = wireServer(root, { ...settings, passphrase })
  const { home } = server
  const apps = appStore(store, clock.now)
  const releases = releaseStore(store, clock.now)
  const network = networkEnv(process.env)
  const cgroups = cgroupFolder(root)
  const wall = portWall(root)
  const backing = backupPorts({ ...server, store, apps, releases, clock, passphrase })
  const ports: DeployPorts = {
    ...server,
    mark: point => markPoint(backing, point),
    receive: (wish, signal) => receiveFor(backing, wish, signal),
    receiveAsAsked: () => receiveAsAsked(backing),
    newPlaces: async app => newPlaces(await backing.policy(), app, home.backups),
    warnings: async () => (await backups.alarms()).filter(a => a.level === 'late').map(a => a.what),
    apps,
    releases,
    probe,
    clock,
    run: exec,
    runtimes: runtimes(home.runtimes, network),
    database: withDatabase,
    account: app => appAccount(root, app),
    holdPorts: async () => wall.hold(await heldPorts(root, { apps, cluster: server.cluster })),
    endProcesses: app => endProcesses(root, app),
    removeAccount: app => removeAccount(root, app),
    confined: async (app, { inside, name, port = null }) =>
      confinement({
        home,
        app,
        user: await appAccount(root, app),
        inside,
        cgroup: cgroups === null ? null : join(cgroups, name),
        gate: port === null ? null : { path: join(home.gates, String(port)), port },
        memory: Math.floor(totalmem() * MEMORY_SHARE),
      }),
    source: sources,
    random,
    room: () => room(home),
    listening: listeningOn,
    isFree,
    files: { ...files, unpack },
    network,
    systemPath: SYSTEM_PATH,
  }
  const returning = restorePorts(backing, ports, { store, supervisor: server.supervisor })
  const recovery = wireRecovery(backing, { store, passphrase })
  const rehearsing = drillPorts(returning, { store, byKit: byKit(root, () => recovery.kit()) })
  const lending = copyPorts(returning, store)
  const merging = tablePorts(returning, store)
  const journal = sqliteJournal(store.raw)
  const engine = createEngine<ServerStep>({
    journal,
    perform: serverPerformer({
      deploys: ports,
      backups: backing,
      restores: returning,
      copies: lending,
      tables: merging,
      drills: rehearsing,
      recovery: recoveryPorts(returning),
    }),
    clock,
    newId: () => randomUUID(),
    onDefect: (error, title) =>
      console.error(
        JSON.stringify({
          level: 'error',
          msg: title,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
      ),
  })
  const kitKept = async () => recovery.isKept(await readSetting(store, KIT_KEPT))
  const backups = wireBackups(backing, { engine, kitKept })
  const finder = {
    free: (taken: ReadonlySet<number>, seed: string) => freeAppPort(taken, `${home.root} ${seed}`),
    isFree,
  }
  const deployer = createDeployer({ ports, finder, engine, readUpload: readArchived })
  const restores = createRestores({ ports: returning, world: deployer.world })
  return {
    ...server,
    clock,
    store,
    apps,
    releases,
    ports,
    journal,
    engine,
    deployer,
    backups,
    restores,
    copies: createCopies({ ports: lending, engine, restores }),
    tables: createTables({ ports: merging, restores }),
    wall,
    recovery,
    drills: createDrills({ ports: rehearsing, engine, nextRun }),
    ...runQueries(store, journal),
    secret: (name: string) => keeperSecret(store, name),
  }
}

/**
 * Each app's ports, that of PostgreSQL, and those at which root answers: the sites of the edge, and the keeper. A user
 * that was not made yet listens nowhere.
 */
async function heldPorts(
  root: string,
  { apps, cluster }: { apps: AppStore; cluster: Cluster },
): Promise<Held[]> {
  const ofApps = [...(await apps.ports())].map(([owner, port]) => ({
    port,
    user: accountName(root, owner.slice(0, owner.indexOf('.'))),
  }))
  const port = await cluster.port()
  const all = port === null ? ofApps : [...ofApps, { port, user: 'postgres' }]
  const accounts = await Promise.all(all.map(({ user }) => findAccount(user)))
  const [settings, worker] = await Promise.all([readSettings(root), findAccount(EDGE_USER)])
  const ours = [
    ...(await apps.all()).map(app => app.port),
    ...(settings === null ? [] : [settings.apiPort, settings.httpPort ?? []].flat()),
  ]
  return [
    ...all.flatMap(({ port }, n) => (accounts[n] === null ? [] : [{ port, uid: accounts[n]!.uid }])),
    // nginx listens as root, and each connection belongs to the worker that took it.
    ...ours.flatMap(port => [0, ...(worker === null ? [] : [worker.uid])].map(uid => ({ port, uid }))),
  ]
}

/** Which runs there were, newest first, and the one under way of an app. */
function runQueries({ raw }: Store, journal: Journal) {
  const newest = raw.prepare('select id from run order by started_at desc limit ?')
  const ofApp = raw.prepare(
    "select id from run where app = ? and kind <> 'retire' order by started_at desc limit ?",
  )
  const open = raw.prepare(
    "select id from run where app = ? and state <> 'ended' and kind <> 'retire' limit 1",
  )
  const ids = (rows: unknown[]): string[] => rows.map(row => (row as { id: string }).id)
  return {
    runs: (app: string | null, limit: number): RunRow[] =>
      ids(app === null ? newest.all(limit) : ofApp.all(app, limit)).map(id => journal.read(id)!),
    openRun: (app: string): string | null => ids(open.all(app))[0] ?? null,
  }
}

/** A secret of the keeper's own, made once. */
async function keeperSecret({ sql }: Store, name: string): Promise<string> {
  const key = `keeper-secret:${name}`
  await sql
    .insertInto('setting')
    .values({ name: key, value: random(64) })
    .onConflict(c => c.doNothing())
    .execute()
  return (await sql.selectFrom('setting').select('value').where('name', '=', key).executeTakeFirstOrThrow())
    .value
}

export type Keeper = ReturnType<typeof wireKeeper>

async function room(home: Home) {
  const disk = await statfs(home.root)
  // Linux counts what it can take back from caches as available, which os.freemem() reads.
  return {
    memoryAvailable: freemem(),
    diskFree: disk.bavail * disk.bsize,
    diskTotal: disk.blocks * disk.bsize,
  }
}
