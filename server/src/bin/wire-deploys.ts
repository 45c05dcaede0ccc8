import { statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import { heldPorts, type PortFacts, usersOf } from '../apps/app/held-ports.ts'
import type { Held } from '../apps/app/port-wall.ts'
import { fetcherOf, isThere } from '../apps/connections/carry.ts'
import { connectionStore } from '../apps/connections/store.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import { jobStore } from '../apps/jobs/store.ts'
import { useStore } from '../apps/lint/store.ts'
import { templateStore } from '../apps/templates/store.ts'
import { parseApp, previewOf } from '../config/app-key.ts'
import type { Home } from '../config/home.ts'
import { readSettings } from '../config/settings.ts'
import { givePointsUp } from '../data/backups/note-lost.ts'
import { markRelease } from '../data/backups/perform.ts'
import type { BackupsPorts } from '../data/backups/ports.ts'
import { newPlaces } from '../data/places/policy.ts'
import { rehearsalStore } from '../data/rehearsals/store.ts'
import { retentionStore } from '../data/retention/store.ts'
import { receiveAsAsked, receiveFor } from '../data/streaming/receive.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { carried, carry } from '../drivers/host/carry.ts'
import { cgroupFolder } from '../drivers/host/cgroups.ts'
import { exec, SYSTEM_PATH } from '../drivers/host/exec.ts'
import { endJobs } from '../drivers/host/jobs.ts'
import { networkEnv } from '../drivers/host/network.ts'
import type { portWall } from '../drivers/host/nft.ts'
import { isFree } from '../drivers/host/ports.ts'
import { probe } from '../drivers/host/probe.ts'
import { connectionsTo, listeningOn } from '../drivers/host/proc.ts'
import { provider } from '../drivers/host/provider.ts'
import { randomText } from '../drivers/host/random.ts'
import { sources } from '../drivers/host/source.ts'
import { files } from '../drivers/host/tree.ts'
import {
  appAccount,
  EDGE_USER,
  endProcesses,
  findAccount,
  packageAccount,
  removeAccount,
} from '../drivers/host/users.ts'
import { liquid } from '../drivers/liquid/apart.ts'
import { runtimes } from '../drivers/npm/runtimes.ts'
import { pgbouncer } from '../drivers/pgbouncer/pgbouncer.ts'
import { withDatabase } from '../drivers/postgres/connect.ts'
import { postgresTransfer } from '../drivers/postgres/transfer.ts'
import { digestApart, packagesApart, unpackApart } from '../drivers/tar/apart.ts'
import type { Alarm } from '../kernel/wire-alarm.ts'
import { certificateStore } from '../reach/certificates/store.ts'
import { appRoleStore } from '../reach/people/store.ts'
import { confinement } from '../servers/confinement/confinement.ts'
import { checkinUrl } from '../watch/checkins/address.ts'
import { channelStore } from '../watch/messages/channels.ts'
import { ownRulesYaml } from '../watch/metrics/own-rules.ts'
import { grantStore } from '../watch/outbox/grants.ts'
import { outboxStore } from '../watch/outbox/store.ts'
import type { Ground } from './ground.ts'
import { wireLint } from './wire-lint.ts'

/** Largest share of the machine's memory for one service, so that the database and the keeper go on. */
const MEMORY_SHARE = 0.85

interface Beside {
  backups: BackupsPorts
  wall: ReturnType<typeof portWall>
  backupAlarms(app: string): Promise<Alarm[]>
}

/** The ports of deploys, for one home. */
export function deployPorts(ground: Ground, { backups, wall, backupAlarms }: Beside): DeployPorts {
  const { home } = ground
  const network = networkEnv(process.env)
  return {
    ...ground,
    ...confining(ground),
    mark: ({ app, point }) => markRelease(backups.of(app), point),
    receive: ({ app, folder }, signal) => receiveFor(backups.of(app), folder, signal),
    receiveAsAsked: app => receiveAsAsked(backups.of(app)),
    dataRemoved: async app => {
      await givePointsUp(backups.of(app))
      await certificateStore(ground.store).forget(app)
      appRoleStore(ground.store).forget(app)
      await outboxStore(ground.store).forget(app)
      await useStore(ground.store).forget(app)
      await rehearsalStore(ground.store).forget(app)
      await retentionStore(ground.store).forget(app)
      await forgetConnection(ground, app)
    },
    newPlaces: async app => {
      const { places: known } = await backups.keeper.policy()
      return newPlaces({ known, own: await backups.of(app.app).policy() }, app, home.backups)
    },
    judged: wireLint(ground).judged,
    warnings: async app => (await backupAlarms(app)).filter(a => a.level === 'late').map(a => a.what),
    holdPorts: async () => wall.hold(await portsHeld(ground)),
    alertsProblem: async (app, alerts) => (await ground.prometheus?.check(ownRulesYaml(app, alerts))) ?? null,
    templates: { ...liquid(), keep: templateStore(ground.store).keep },
    granted: async app => grantStore(ground.store).of(app),
    channels: async () => (await channelStore(ground.store).all()).map(({ name }) => name),
    probe,
    run: exec,
    runtimes: runtimes(home.runtimes, network),
    database: withDatabase,
    poolers: pgbouncer,
    transfer: postgresTransfer(() => packageAccount('postgres')),
    source: sources,
    nextRun,
    provider: provider({ root: home.root, folder: home.references }, network),
    random: randomText,
    checkinUrl: token => checkinUrl(ground.settings.apiPort ?? 0, token),
    jobReleases: app => jobStore(ground.store).releases(app),
    room: () => room(home),
    listening: listeningOn,
    connections: connectionsTo,
    isFree,
    files: {
      ...files,
      carry,
      carried,
      unpack: unpackApart,
      digest: digestApart,
      packagesDigest: packagesApart,
    },
    network,
    systemPath: SYSTEM_PATH,
  }
}

/** What is connected goes with the last environment of an app that is no preview, and so does who fetched for it. */
async function forgetConnection({ root, apps, store }: Ground, removed: string): Promise<void> {
  const { name, environment } = parseApp(removed)
  const left = (await apps.all()).filter(one => one.name !== removed)
  if (previewOf(environment) !== null || isThere(left, name)) return
  await connectionStore(store).forget(name)
  await removeAccount(root, fetcherOf(name))
}

/** The user of each app, and the confinement of its programs. */
export function confining({
  root,
  home,
}: Ground): Pick<DeployPorts, 'account' | 'endProcesses' | 'removeAccount' | 'confined'> {
  const cgroups = cgroupFolder(root)
  return {
    account: app => appAccount(root, app),
    endProcesses: async app => {
      await endJobs(home.jobs, app)
      await endProcesses(root, app)
    },
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
  }
}

/** Observed for `heldPorts`. */
async function portsHeld({ root, apps, clusters }: Ground): Promise<Held[]> {
  const settings = await readSettings(root)
  const made = await clusters.apps()
  const facts: PortFacts = {
    home: root,
    given: await apps.ports(),
    clusters: (await Promise.all(made.map(app => clusters.of(app).port()))).filter(port => port !== null),
    ours: [
      ...(await apps.all()).map(app => app.port),
      ...(settings === null
        ? []
        : [settings.apiPort, settings.httpPort ?? [], settings.httpsPort ?? []].flat()),
    ],
  }
  const users = usersOf(facts, EDGE_USER)
  const accounts = await Promise.all(users.map(findAccount))
  const uids = new Map(users.map((user, n) => [user, accounts[n]?.uid ?? null]))
  return heldPorts(facts, user => uids.get(user) ?? null, EDGE_USER)
}

async function room(home: Home) {
  const disk = await statfs(home.root)
  // os.freemem() reads MemAvailable of Linux, which includes caches that can be freed.
  return {
    memoryAvailable: freemem(),
    diskFree: disk.bavail * disk.bsize,
    diskTotal: disk.blocks * disk.bsize,
  }
}
