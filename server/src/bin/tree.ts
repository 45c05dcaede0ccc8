import { statSync } from 'node:fs'
import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ownerOf, parseName } from '../apps/app/names.ts'
import type { Clusters } from '../apps/databases/cluster.ts'
import { sayLoss } from '../apps/databases/gone.ts'
import { isPart } from '../apps/deploys/observe.ts'
import { type Home, homeAt } from '../config/home.ts'
import { httpPortOf, readSettings, type Settings, usualHttpsPort, wantsMetrics } from '../config/settings.ts'
import { isNewerStore } from '../db/file.ts'
import { defineHook } from '../drivers/git/repositories.ts'
import { cgroupFolder, dropCgroups, prepareCgroups } from '../drivers/host/cgroups.ts'
import { SYSTEM_PATH } from '../drivers/host/exec.ts'
import { exists, makeFolder, writeDurable } from '../drivers/host/files.ts'
import { request } from '../drivers/host/http.ts'
import { endJobs } from '../drivers/host/jobs.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { dropPortWall, raisePortWall } from '../drivers/host/nft.ts'
import { freePartPort, isFree } from '../drivers/host/ports.ts'
import { isRoot } from '../drivers/host/proc.ts'
import { removeLeftAccounts } from '../drivers/host/users.ts'
import { isInstalled } from '../drivers/prometheus/prometheus.ts'
import { PROGRAMS } from '../drivers/prometheus/services.ts'
import { dropMetricsWall } from '../drivers/prometheus/wall.ts'
import { startTree, stopTree, treePid } from '../drivers/runit/runsvdir.ts'
import { Failure } from '../kernel/failure.ts'
import { quoteShell } from '../kernel/quote.ts'
import { unmarked } from '../kernel/words.ts'
import type { Edge } from '../reach/edge/edge.ts'
import type { ServiceSpec, Supervisor } from '../servers/supervisor/supervisor.ts'
import { newerStore } from './newer-store.ts'
import { PROJECT } from './version.ts'
import { wireServer } from './wire-server.ts'

const LONGEST_HOME = 70
const MAIN = join(PROJECT, 'server/src/bin/inn.js')
/** Small heaps on purpose: the machine's memory belongs to the apps. */
const KEEPER_FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=192',
  '--expose-gc',
  // Regular expressions of others (silences) would otherwise hold the keeper for as long as they like.
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
]

/** Makes the home, defines the services of keeper and edge, and starts the supervision tree. May run at any time. */
export async function up(root: string, say: (line: string) => void): Promise<Settings> {
  checkHome(root)
  if (await beginsAnew(root)) await removeLeftAccounts(root)
  for (const part of ['', 'sv', 'service', 'run', 'log', 'apps', 'runtimes', 'cache'])
    await makeFolder(join(root, part), 0o711)
  await chmod(join(root, 'log'), 0o700)
  await prepareCgroups(cgroupFolder(root))
  const before = await readSettings(root)
  const settings = await settle(root, before, say)
  const { home, supervisor, clusters, edge } = wireServer(root, settings)
  if (await isOfNewer(home)) say('a newer Innkeeper keeps this home: keeper and edge start as it wants it')
  else await define(root, settings)
  const unmeasured = settings.metrics === null && (await removeMeasuring(supervisor))
  // Parts of the server, also PostgreSQL and Redis, are started even when somebody stopped them. Stopped apps stay stopped,
  // and those that sleep go on sleeping.
  const services = await supervisor.list()
  const lost = await lostClusters(clusters, services)
  for (const { what, fix } of lost.values()) say(`${what}; ${unmarked(fix)}`)
  const asleep = await sleepers(edge, services)
  const parts = services.filter(name => isPart(name) && !lost.has(name) && !asleep.has(ownerOf(name)))
  for (const name of parts) await rm(join(home.services, name, 'down'), { force: true })
  if ((await treePid(root)) === null) {
    // Gates that were open at a power cut are closed: another program may listen on such a port now.
    for (const gate of await readdir(home.gates)) await rm(join(home.gates, gate), { force: true })
    await raisePortWall(root)
    await startTree(root)
    say('supervision tree started')
  } else {
    // A keeper that runs knows the settings with which it began.
    if (unmeasured || !isDeepStrictEqual(before, settings)) await supervisor.stop('keeper')
    for (const name of parts) await supervisor.start(name)
  }
  await answering(home)
  return settings
}

/** Of a home that is measured no more; false: it never was. What was measured stays. */
async function removeMeasuring(supervisor: Supervisor): Promise<boolean> {
  const known = await supervisor.list()
  const measuring = Object.keys(PROGRAMS).filter(name => known.includes(name))
  for (const name of measuring) await supervisor.remove(name)
  return measuring.length > 0
}

/** Defines the services of keeper and edge, and the hook of pushes, as this Innkeeper starts them. Those that run go on as they are. */
export async function define(root: string, settings: Settings): Promise<void> {
  const { home, supervisor, edge, edgeCommand, prometheus } = wireServer(root, settings)
  await edge.prepare()
  const measuring = (await prometheus?.prepare()) ?? []
  for (const service of [...ownServices(home, edgeCommand), ...measuring]) await supervisor.define(service)
  await defineHook(home, join(PROJECT, 'inn'))
}

/** Whether a newer Innkeeper has the store, and its own keeper as the service. Failure `store.newer`: this one's keeper is. */
async function isOfNewer(home: Home): Promise<boolean> {
  if (!(await exists(home.store)) || !isNewerStore(home.store)) return false
  const run = await readFile(join(home.services, 'keeper', 'run'), 'utf8').catch(() => null)
  if (run === null || run.includes(quoteShell(MAIN))) throw newerStore(home.store)
  return true
}

/** Services of clusters whose files are gone, with what became of them: started, they would only end again and again. */
async function lostClusters(
  clusters: Clusters,
  services: readonly string[],
): Promise<Map<string, ReturnType<typeof sayLoss>>> {
  const found = new Map<string, ReturnType<typeof sayLoss>>()
  for (const name of services) {
    const named = parseName(name)
    if (named.kind !== 'postgres') continue
    const loss = await clusters.of(named.app).loss()
    if (loss !== null) found.set(name, sayLoss(named.app, loss))
  }
  return found
}

/** Apps that the next request starts. */
async function sleepers(edge: Pick<Edge, 'table'>, services: readonly string[]): Promise<Set<string | null>> {
  const found = new Set<string | null>()
  for (const app of new Set(services.flatMap(name => ownerOf(name) ?? [])))
    if ((await edge.table(app))?.asleep === true) found.add(app)
  return found
}

/** Whether nothing of an earlier Innkeeper is in the home. A lost store alone is no reason to end what runs. */
async function beginsAnew(root: string): Promise<boolean> {
  const apps = await readdir(join(root, 'apps')).catch(() => [])
  return apps.length === 0 && !(await exists(homeAt(root).store))
}

/** The services of the edge and the keeper. */
function ownServices(home: Home, edgeCommand: readonly string[]): ServiceSpec[] {
  const shared = { cwd: '/', user: null, tag: '-' }
  const edge: ServiceSpec = {
    ...shared,
    name: 'edge',
    argv: edgeCommand,
    env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8' },
    log: join(home.logs, 'edge'),
    graceSeconds: 10,
  }
  const keeper: ServiceSpec = {
    ...shared,
    name: 'keeper',
    argv: [process.execPath, ...KEEPER_FLAGS, MAIN, 'keeper'],
    env: {
      PATH: SYSTEM_PATH,
      INNKEEPER_HOME: home.root,
      LANG: 'C.UTF-8',
      // One malloc arena for all threads instead of one each: about 3 MB less.
      MALLOC_ARENA_MAX: '1',
      ...networkEnv(process.env),
    },
    log: join(home.logs, 'keeper'),
    graceSeconds: 5,
  }
  return [edge, keeper]
}

/** Checks the path of a home. Sockets are in it, and the path of a unix socket has at most 107 bytes. */
function checkHome(root: string): void {
  if (!root.startsWith('/'))
    throw new Failure('home.relative', `${root} cannot be a home`, {
      why: 'INNKEEPER_HOME must be a whole path',
      fix: 'begin it with /',
    })
  // The path is written into files of nginx, PostgreSQL, pgBackRest and runit, each with its own quoting.
  if (!/^[\w./@+-]+$/.test(root)) {
    throw new Failure('home.characters', `${JSON.stringify(root)} cannot be a home`, {
      why: 'its path may have letters, digits and . _ - + @ /',
      fix: 'set INNKEEPER_HOME to such a path',
    })
  }
  if (Buffer.byteLength(root) > LONGEST_HOME) {
    throw new Failure('home.too-long', `${root} cannot be a home`, {
      why: `its path has ${root.length} characters; sockets in it leave room for ${LONGEST_HOME}`,
      fix: 'set INNKEEPER_HOME to a shorter path',
    })
  }
  for (let path = root; path !== '/'; path = dirname(path)) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new Failure('home.file', `${root} cannot be a home`, {
        why: `${path} is a file`,
        fix: 'set INNKEEPER_HOME to a folder, or to a path where one can be made',
      })
  }
}

async function settle(root: string, known: Settings | null, say: (line: string) => void): Promise<Settings> {
  if (known !== null && known.httpsPort !== undefined && known.metrics !== undefined) return known
  const { apiPort, httpPort } = known ?? {
    apiPort: await freePartPort(),
    httpPort: httpPortOf(process.env['INNKEEPER_HTTP_PORT'], isRoot() ? 80 : 8080),
  }
  const resolver = process.env['INNKEEPER_RESOLVER']
  const made: Settings = {
    ...{
      apiPort,
      httpPort,
      httpsPort: known?.httpsPort === undefined ? await httpsPortFor(httpPort, say) : known.httpsPort,
    },
    ...(process.env['INNKEEPER_PROXY_PROTOCOL'] === 'on' ? { proxyProtocol: true } : {}),
    ...(resolver === undefined ? {} : { resolver }),
    ...known,
    ...(known?.metrics === undefined ? await metricsFor(new Set([apiPort]), say) : {}),
  }
  await writeDurable(join(root, 'settings.json'), `${JSON.stringify(made, null, 2)}\n`)
  return made
}

/** The ports of what measures. While its packages are missing nothing is decided. */
async function metricsFor(
  taken: ReadonlySet<number>,
  say: (line: string) => void,
): Promise<Pick<Settings, 'metrics'>> {
  if (!wantsMetrics(process.env['INNKEEPER_METRICS'])) return { metrics: null }
  if (!(await isInstalled())) {
    say('Prometheus and its exporters are not installed, so nothing is measured')
    return {}
  }
  const port = () => freePartPort(taken)
  return {
    metrics: { prometheus: await port(), node: await port(), postgres: await port(), redis: await port() },
  }
}

/** The port for TLS. The usual one is left to whatever listens there already: it may be what does TLS for this server. */
async function httpsPortFor(httpPort: number | null, say: (line: string) => void): Promise<number | null> {
  const usual = usualHttpsPort(httpPort)
  const wished = httpPortOf(process.env['INNKEEPER_HTTPS_PORT'], usual, 'INNKEEPER_HTTPS_PORT')
  if (wished === null || wished !== usual || (await isFree(wished, '0.0.0.0'))) return wished
  say(`another program listens on port ${wished}, so apps have no TLS of their own here`)
  return null
}

async function answering({ keeperSocket: socketPath, logs }: Home): Promise<void> {
  let last: unknown
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    try {
      const { status } = await request({ socketPath, path: '/api/health', timeoutMs: 2_000 })
      if (status === 200) return
    } catch (error) {
      last = error
    }
  }
  throw new Failure('keeper.unreachable', 'the keeper did not begin to answer', {
    why: (await lastWords(join(logs, 'keeper', 'current'))) ?? String(last),
    fix: 'its log: tail $INNKEEPER_HOME/log/keeper/current',
  })
}

const LAST_LINES = 6

/** The end of a log, without the time and the tag of each line; null: there is none. */
async function lastWords(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = text.trimEnd().split('\n').slice(-LAST_LINES)
  return lines.map(line => line.replace(/^\S+ \S+ /, '')).join('\n') || null
}

/** Stops everything of this home; resolves when all has ended. Nothing is forgotten: `up` starts the same again. */
export async function down(root: string): Promise<void> {
  const { home, supervisor } = wireServer(root, { httpPort: null })
  // While databases are there, and again what the keeper has begun meanwhile.
  await endJobs(home.jobs, null)
  // In order: each service ends before its log.
  await stopTree(root, async () => Promise.all((await supervisor.list()).map(name => supervisor.end(name))))
  await endJobs(home.jobs, null)
  await dropPortWall(root)
  await dropMetricsWall(root)
  await dropCgroups(cgroupFolder(root))
}

/** Names of the services that `down` would stop. */
export async function runningServices(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'sv')).catch(() => [])
  const { supervisor } = wireServer(root, { httpPort: null })
  const states = await Promise.all(names.map(name => supervisor.state(name)))
  return states.flatMap(state => (state?.pid == null ? [] : [state.name])).sort()
}
