import { statfs } from 'node:fs/promises'
import { cpus, freemem, hostname, totalmem } from 'node:os'
import { join } from 'node:path'
import { answering } from '../api/begin.ts'
import { frameStreams } from '../api/frames.ts'
import { createPasses } from '../api/passes.ts'
import { eventStreams } from '../api/sse.ts'
import { currentRelease } from '../apps/app/app.ts'
import { poolerName, redisName } from '../apps/app/names.ts'
import { trafficHistory } from '../apps/checks/traffic.ts'
import { createWatcher } from '../apps/checks/watcher.ts'
import { runningSlots } from '../apps/deploys/observe.ts'
import { createSleeping } from '../apps/sleeping/sleeping.ts'
import type { Home } from '../config/home.ts'
import type { Settings } from '../config/settings.ts'
import { encryptAll, hasEncrypted } from '../db/encrypt.ts'
import { ensureKey } from '../drivers/age/age.ts'
import { betterAuthPeople } from '../drivers/better-auth/better-auth.ts'
import { repositories } from '../drivers/git/repositories.ts'
import { disksOf } from '../drivers/host/disks.ts'
import { mountsProblem } from '../drivers/host/mounts.ts'
import { treeRss } from '../drivers/host/proc.ts'
import { processes } from '../drivers/host/processes.ts'
import { randomText } from '../drivers/host/random.ts'
import { uploads } from '../drivers/host/uploads.ts'
import { poolerAnswers } from '../drivers/pgbouncer/pgbouncer.ts'
import { redisAnswers } from '../drivers/redis/redis.ts'
import { treePid } from '../drivers/runit/runsvdir.ts'
import { wakeLogs } from '../drivers/runit/wake-logs.ts'
import type { Step } from '../engine/plan.ts'
import { beginner } from '../engine/precedence.ts'
import type { Perform } from '../engine/run.ts'
import type { AlarmSource } from '../kernel/wire-alarm.ts'
import { openParts } from '../parts/part.ts'
import { createApprovals } from '../reach/approvals/approvals.ts'
import { approvalStore } from '../reach/approvals/store.ts'
import { factorPolicy } from '../reach/people/factor.ts'
import { appRoleStore, makersOf, sessionUse, tokenStore } from '../reach/people/store.ts'
import { passkeyUse } from '../reach/people/store-passkeys.ts'
import type { Incidents } from '../watch/incidents/incidents.ts'
import { logSources } from '../watch/logs/sources.ts'
import type { Messages } from '../watch/messages/messages.ts'
import { createBusiest } from '../watch/processes/busiest.ts'
import { runOutput } from '../watch/runs/output.ts'
import { createStatus } from '../watch/status/status.ts'
import type { Status } from '../watch/status/wire.ts'
import { PARTS, serverViews } from './parts.ts'
import { PROJECT, version } from './version.ts'
import { type Keeper, wireKeeper } from './wire.ts'
import { databaseAddress } from './wire-address.ts'
import { alertParts, wireAlerts } from './wire-alerts.ts'
import { wireConnections } from './wire-connections.ts'
import { wireDoctor } from './wire-doctor.ts'
import { wireIncidents } from './wire-incidents.ts'
import { wireJobs } from './wire-jobs.ts'
import { wireLint } from './wire-lint.ts'
import { maintenanceCommands, wireMaintenance } from './wire-maintenance.ts'
import { wireMessages } from './wire-messages.ts'
import { activityOf, statementsOf, wireMetrics } from './wire-metrics.ts'
import { wireOneOff } from './wire-one-off.ts'
import { wireOutbox } from './wire-outbox.ts'
import { wirePooling } from './wire-pooling.ts'
import { wireAsking } from './wire-probes.ts'
import { waitingApps } from './wire-recovery.ts'
import { wireReports } from './wire-reports.ts'
import { wireRunbooks } from './wire-runbooks.ts'
import { wireSecurity } from './wire-security.ts'
import { wireStatusPages } from './wire-status-page.ts'

/** Builds the keeper and opens all nouns. Nothing runs yet. */
export async function openHouse(root: string, settings: Settings) {
  // Nouns need the engine, and the engine needs the performers of the nouns, so they are looked up when a step runs.
  let parts: Awaited<ReturnType<typeof openParts>> | null = null
  const perform: Perform<Step> = (step, context) => parts!.perform(step, context)
  const keeper = wireKeeper(root, settings, perform)
  await ensureKey(keeper.home.key, { first: !hasEncrypted(keeper.store) })
  await encryptAll(keeper.store, error =>
    keeper.log('error', 'the store may still hold secrets in plain; the next start tries again', {
      error: error.message,
    }),
  )
  const url = `http://127.0.0.1:${settings.apiPort}`
  const messages = await wireMessages(keeper)
  const watching = wireWatching(keeper, { url, settings, messages, sources: () => parts!.alarms })
  const surfaces = await wireSurfaces(keeper, url)
  const asking = wireAsking(keeper, { ...watching, settings, oneOff: surfaces.oneOff })
  const security = wireSecurity(keeper, { settings, ...surfaces })
  const sleeping = createSleeping(keeper)
  const house = {
    ...keeper,
    ...watching,
    ...alertParts(keeper, messages),
    ...wireOutbox(keeper, messages),
    ...surfaces,
    ...asking,
    maintenanceCommands: maintenanceCommands(keeper, surfaces.oneOff),
    sleeping,
    ...wireJobs(keeper, { config: watching.config, commandOf: surfaces.commandOf, sleeping }),
    ...wireDoctor(keeper, databaseAddress(keeper)),
    lint: wireLint(keeper).lint,
    runbooks: wireRunbooks(keeper, {
      ...{ ...watching, passes: surfaces.passes, address: databaseAddress(keeper) },
    }),
    security,
    reports: wireReports(keeper, { ...watching, ...asking, messages, security, people: surfaces.people }),
    ...wireConnections(keeper, {
      ...{ settings, ...surfaces },
    }),
    holdPorts: keeper.deployPorts.holdPorts,
    disks: async () =>
      disksOf([keeper.home.root, join(keeper.home.metrics, 'data'), ...(await backupFolders(keeper))]),
  }
  parts = await openParts(PARTS, house)
  return { house, parts, url }
}

interface Watching {
  url: string
  settings: Settings
  messages: Messages
  sources(): readonly AlarmSource[]
}

/** Status, logs, runs and alerts. */
function wireWatching(keeper: Keeper, { url, settings, messages, sources }: Watching) {
  const { home, store, clock, log, apps, releases, engine, edge, clusters, supervisor, openRun } = keeper
  const config = remembered(async (app, release) => (await releases.find(app, release))?.config ?? null)
  const watcher = keeperWatcher(keeper, config)
  const measuring = wireMetrics(keeper, watcher, config)
  const busiest = createBusiest(
    processes(() => treePid(home.root)),
    clock.sleep,
  )
  const { metrics } = measuring
  // Alerts and maintenance know of each other: what is closed is quiet, and told when it is open again.
  const maintenance = wireMaintenance(keeper, { messages, alertsChanged: () => alerts.changed() })
  const alerts = wireAlerts(keeper, {
    messages,
    sources,
    watcher,
    metrics,
    busiest,
    closed: maintenance.closed,
  })
  engine.on(event => {
    if (event.type !== 'run') return
    watcher.changed()
    alerts.stale()
  })
  const upSince = new Date(clock.now()).toISOString()
  const traffic = trafficHistory(store, { apps, edge, clock })
  // Incidents say something in public on pages, which ask incidents what was said.
  const incidents: Incidents = wireIncidents(keeper, {
    ...{ alerts, messages, traffic },
    components: app => pages.statusPages.components(app),
  })
  const pages = wireStatusPages(keeper, { messages, watcher, traffic, maintenance, incidents, config })
  return {
    watcher,
    alerts,
    incidents,
    maintenance,
    statusPages: pages.statusPages,
    subscribers: pages.subscribers,
    witness: { wanted: incidents.isOpen, printed: incidents.printed },
    alarmed() {
      alerts.stale()
      alerts.tick().catch(error => log('error', 'alarms cannot be written down', { error: String(error) }))
    },
    output: runOutput(engine),
    knownApp: (app: string) => apps.get(app),
    statements: statementsOf(keeper),
    activity: activityOf(keeper),
    pooling: wirePooling(keeper),
    ...measuring,
    traffic,
    placement: {
      ...{ home, apps, releases, hostname, ownUsers: process.getuid!() === 0 },
      instances: (app: string) => watcher.instances(app),
      clusterPort: (app: string) => clusters.of(app).port(),
      ...{ http: settings.httpPort, https: settings.httpsPort ?? null },
    },
    busiest,
    machine: () => ({ cpus: cpus().length, memoryBytes: totalmem(), memoryFreeBytes: freemem() }),
    wakeLogs: () => wakeLogs(home.services),
    logSources: (name: string) => logSources({ home, apps, clusters, supervisor }, name),
    ...createStatus({
      parts: {
        ...{ supervisor, edge, clusters, supervision: () => treePid(home.root) },
        pooler: async app => poolerAnswers((await apps.ports()).get(poolerName(app)) ?? 0),
        redis: async app => redisAnswers((await apps.ports()).get(redisName(app)) ?? 0),
      },
      apps: {
        ...{ apps, releases, edge, watcher, traffic, openRun, clock },
        ...{ httpPort: settings.httpPort, httpsPort: settings.httpsPort ?? null },
        recovering: () => waitingApps(home.root),
      },
      keeper: () => ({
        version: version(),
        pid: process.pid,
        rssBytes: process.memoryUsage.rss(),
        url,
        home: home.root,
        upSince,
      }),
      host: () => hostOf(home),
      alarms: alerts.now,
    }),
  }
}

/** What the API needs: people, rights, plans to begin. */
async function wireSurfaces(keeper: Keeper, url: string) {
  const { home, store, clock, releases, engine, journal, audit, deployPorts: deploys, wall } = keeper
  const precedences = PARTS.flatMap(noun => ('precedence' in noun ? (noun.precedence ?? []) : []))
  const tokens = tokenStore(store)
  const signedIn = betterAuthPeople({
    db: store.raw,
    tokens,
    appRoles: appRoleStore(store),
    sessionUse: sessionUse(store),
    passkeyUse: passkeyUse(store),
    policy: factorPolicy(store),
    url,
    secret: () => keeper.secret('auth'),
  })
  const passes = createPasses(signedIn)
  const people = { ...signedIn, identify: passes.identify }
  // Asked once, because the answer does not change while the machine runs.
  const mounts = mountsProblem()
  const view = await serverViews()
  const begin = beginner({ engine, journal, precedences })
  const approvals = createApprovals({
    ...{ clock, view, audit, begin, random: randomText, store: approvalStore(store) },
    makersOf: async id => makersOf(tokens, id),
    othersOf: app => othersOf(keeper, app),
  })
  return {
    version: version(),
    approvals,
    begin,
    webFolder: join(PROJECT, 'web/dist'),
    people,
    passes,
    view,
    events: eventStreams(people),
    frames: frameStreams(people),
    pushRepositories: repositories(home, join(PROJECT, 'inn')),
    answer: answering({ view, journal, audit, begin, ask: approvals.ask }),
    uploads: uploads(
      home.uploads,
      async () => new Set([...(await releases.sources()), ...(await approvals.sources())]),
    ),
    walls: { ports: () => wall.problem(), mounts: () => mounts },
    ...wireOneOff(keeper, deploys, databaseAddress(keeper)),
  }
}

/** How many others must approve what is deployed of an app, by the release that serves. */
async function othersOf({ apps, releases }: Keeper, app: string): Promise<number> {
  const serving = currentRelease(await apps.find(app))
  const release = serving === null ? null : await releases.find(app, serving)
  return release?.config.protection?.approvals ?? 0
}

function keeperWatcher(keeper: Keeper, config: Parameters<typeof createWatcher>[0]['config']) {
  const { apps, supervisor, clock, deployPorts } = keeper
  return createWatcher({
    apps,
    supervisor,
    clock,
    probe: deployPorts.probe,
    rss: treeRss,
    slots: (app, given) => runningSlots(deployPorts, app, given),
    config,
  })
}

/** Caches the configuration of releases: a release never changes, and it is read every second. */
function remembered<T>(read: (app: string, release: string) => Promise<T | null>) {
  const known = new Map<string, T>()
  return async (app: string, release: string): Promise<T | null> => {
    const key = `${app}/${release}`
    const value = known.get(key) ?? (await read(app, release))
    if (value !== null && known.size < 200) known.set(key, value)
    return value
  }
}

/** The folders in which backups of the apps are kept. */
async function backupFolders({ apps, backupPorts }: Keeper): Promise<string[]> {
  const policies = (await apps.all()).map(({ name }) => backupPorts.of(name).policy())
  const places = (await Promise.all(policies)).flatMap(policy => policy.places)
  return places.flatMap(place => (place.kind === 'folder' ? [place.path] : []))
}

async function hostOf(home: Home): Promise<Status['host']> {
  const disk = await statfs(home.root)
  return {
    name: hostname(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    diskBytes: disk.blocks * disk.bsize,
    diskFreeBytes: disk.bavail * disk.bsize,
  }
}
