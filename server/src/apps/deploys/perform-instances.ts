import { join } from 'node:path'
import { type ServiceConfig, serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { expand } from '../../kernel/argv.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { count } from '../../kernel/words.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import { peer, type Slot } from '../app/app.ts'
import { type InstanceName, logName, slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { look } from '../checks/health.ts'
import { logRulesOf } from '../releases/log-rules.ts'
import { whoseEnv } from '../releases/own-names.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { Holds } from './holds.ts'
import { runPath } from './perform-release.ts'
import type { InstancePorts, Machine, Records, Sockets, SpecPorts } from './ports.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

export const logFolder = (ports: Pick<Records, 'home'>, slot: InstanceName): string =>
  join(ports.home.app(slot.app).logs, logName(slot))

export const gateOf = ({ home }: Pick<Records, 'home'>, { port }: Slot): string =>
  join(home.gates, String(port))

/** How the supervisor is to run one instance of a release. */
export async function specOf(ports: SpecPorts, slot: Slot, releaseId: string): Promise<ServiceSpec> {
  const release = await ports.releases.get(slot.app, releaseId)
  const service = serviceOf(release.config, slot.service)
  const env = (await ports.releases.env(slot.app, releaseId))[slot.service]!
  const { tree } = ports.home.app(slot.app).release(release.artifacts[slot.service]!)
  const cwd = join(tree, service.root)
  const whole = {
    ...ports.network,
    HOME: ports.home.app(slot.app).cache,
    PATH: await runPath(ports, { node: service.node, root: cwd, tree }),
    ...env,
    ...(service.kind === 'web' ? { PORT: String(slot.port) } : {}),
    ...whoseEnv(slot.app),
    INNKEEPER_SERVICE: slot.service,
    INNKEEPER_RELEASE: releaseId,
    INNKEEPER_COLOUR: slot.colour,
    INNKEEPER_INSTANCE: String(slot.n),
  }
  return {
    name: slotName(slot),
    argv: service.start!.map(argument => expand(argument, whole)),
    cwd,
    env: whole,
    user: null,
    confinement: await ports.confined(slot.app, {
      inside: tree,
      name: slotName(slot),
      port: service.kind === 'web' ? slot.port : null,
    }),
    log: logFolder(ports, slot),
    logRules: logRulesOf(release, slot.service, whole),
    tag: releaseId,
    graceSeconds: Math.ceil(service.stopGrace / 1000),
  }
}

/** Writes the service folders before anything is built, so that the supervisor knows them in time. */
export async function define(ports: InstancePorts, slots: readonly Slot[], release: string): Promise<void> {
  for (const slot of slots) {
    const state = await ports.supervisor.state(slotName(slot))
    if (state?.pid == null) await ports.supervisor.define(await specOf(ports, slot, release))
  }
}

export async function start(ports: InstancePorts, step: Of<'instances.start'>): Promise<string> {
  for (const slot of step.slots) {
    const name = slotName(slot)
    const state = await ports.supervisor.state(name)
    if (state?.pid != null) await ports.supervisor.stop(name)
    const spec = await specOf(ports, slot, step.release)
    if (spec.env['PORT'] !== undefined) await portIsOurs(ports, slot)
    await ports.apps.givePort(name, slot.port)
    await ports.holdPorts()
    await ports.supervisor.define(spec)
    await ports.supervisor.start(name)
  }
  return step.slots.map(slot => `${slot.service} ${slot.colour}.${slot.n} on ${slot.port}`).join(', ')
}

/** Another program may have taken the port since the plan was made. An instance that we stopped frees its port within moments. */
async function portIsOurs(ports: InstancePorts, slot: Slot): Promise<void> {
  for (const end = ports.clock.now() + 2_000; !(await ports.isFree(slot.port)); await ports.clock.sleep(50)) {
    if (ports.clock.now() < end) continue
    throw new Failure(
      'deploy.port-taken',
      `${slot.service} was not started: its port ${slot.port} is taken`,
      {
        why: 'another program began to listen there after the deploy was planned',
        fix: 'deploy again: it will get a free port; ss -ltnp shows who has this one',
        facts: { port: slot.port },
      },
    )
  }
}

export async function stop(
  ports: { supervisor: Pick<Machine['supervisor'], 'stop'>; apps: Pick<AppStore, 'settle'> },
  step: Of<'instances.stop'>,
): Promise<void> {
  await Promise.all(step.slots.map(slot => ports.supervisor.stop(slotName(slot))))
  await ports.apps.settle(step.app, step.slots)
}

type DrainPorts = Pick<Machine, 'clock'> & {
  apps: Pick<AppStore, 'find' | 'retirements'>
  releases: Pick<ReleaseStore, 'get'>
  edge: Pick<Edge, 'traffic'>
}

/** Longest drain of a singleton: its requests wait at the edge meanwhile, and the edge holds none longer than 30 s. */
const HELD_MS = 10_000

/** The releases that these instances serve, and the end of their drain time: counted from the switch for retired ones, else from now. */
async function draining(ports: DrainPorts, step: Of<'instances.drain'>) {
  const app = (await ports.apps.find(step.app))!
  const retired = await ports.apps.retirements(step.app)
  const found = step.slots.map(async slot => {
    const waiting = retired.find(r => r.service === slot.service && r.colour === slot.colour)
    if (waiting !== undefined)
      return [{ key: `${slot.service}/${waiting.release}`, until: waiting.drainUntil }]
    const live = app.live[slot.service]
    if (live?.colour !== slot.colour) return []
    const { config } = await ports.releases.get(step.app, live.release)
    const ms = Math.min(serviceOf(config, slot.service).drain, HELD_MS)
    return [{ key: `${slot.service}/${live.release}`, until: ports.clock.now() + ms }]
  })
  return (await Promise.all(found)).flat()
}

/** Waits until these instances answer no request any more, at most as long as the `drain` of each service. */
export async function drain(
  ports: DrainPorts,
  step: Of<'instances.drain'>,
  context: StepContext,
): Promise<string> {
  const waiting = await draining(ports, step)
  const until = Math.max(0, ...waiting.map(w => w.until))
  const releases = new Set(waiting.map(w => w.key))
  for (;;) {
    const traffic = await ports.edge.traffic(step.app)
    const active = [...releases].reduce((sum, key) => sum + (traffic[key]?.active ?? 0), 0)
    if (active === 0) return 'nothing was open any more'
    if (ports.clock.now() >= until) return `${count(active, 'connection')} still open at the end of drain`
    await ports.clock.sleep(250, context.signal)
  }
}

type ReadyPorts = InstancePorts & { heldMs?: Holds['heldMs'] }

/** Waits until each instance is ready by its own `health:`. Fails as soon as one cannot become ready. */
export async function ready(
  ports: ReadyPorts,
  step: Of<'instances.ready'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const begun = ports.clock.now()
  const notes = await Promise.all(
    step.slots.map(slot =>
      becomesReady(ports, slot, serviceOf(release.config, slot.service), { step, context }),
    ),
  )
  const warnings = [...new Set(notes.flat())]
  return [`after ${showDuration(ports.clock.now() - begun)}`, ...warnings].join('; ')
}

interface Waiting {
  step: Of<'instances.ready'>
  context: StepContext
}

async function becomesReady(
  ports: ReadyPorts,
  slot: Slot,
  service: ServiceConfig,
  { step, context }: Waiting,
): Promise<string[]> {
  const { health } = service
  const begun = ports.clock.now()
  let tries = 0
  let last = 'it was never asked'
  let status: number | null = null
  while (ports.clock.now() - begun < health.startPeriod) {
    const state = await ports.supervisor.state(slotName(slot))
    // One that has run for a minute did not exit right after it started, whatever happened to it before.
    if ((state?.crashes ?? 0) >= 2 && !(state?.pid != null && state.seconds > 60))
      throw await exits(ports, slot, step)
    if (service.kind === 'worker') {
      // A worker answers no requests: all that it can show is that it stays up for two seconds.
      if (state?.pid != null && state.seconds >= 2 && state.crashes === 0) return []
    } else if (state?.pid != null) {
      tries++
      const finding = await look(ports.probe, slot.port, health)
      // Reading sockets takes a while. An instance that has run for a minute was checked when it started.
      if (finding.ok && state.seconds > 60) return []
      const sockets = finding.ok ? await ports.listening(state.pid) : []
      // The gate opens moments after the port does. Before that the edge would turn requests away.
      if (sockets.some(l => l.port === slot.port) && (await ports.files.exists(gateOf(ports, slot))))
        return notes(slot, sockets, finding.html)
      status = finding.status
      last = finding.ok ? `another program answers on port ${slot.port}` : finding.detail
    }
    await ports.clock.sleep(Math.min(health.interval, 100 + tries * 50), context.signal)
  }
  // A server with much to do may have time for one end alone.
  const { crashes = 0 } = (await ports.supervisor.state(slotName(slot))) ?? {}
  if (service.kind === 'web' && status === null && crashes > 0) throw await exits(ports, slot, step)
  const detail =
    service.kind === 'worker'
      ? 'it did not stay up for two seconds without being started again'
      : `${last} (last of ${tries} ${tries === 1 ? 'try' : 'tries'})`
  throw await notReady(ports, slot, step, { detail, status, service })
}

/** Warnings about an instance that is ready: a health check that any page would pass, a port that is open to the network. */
function notes(slot: Slot, sockets: Awaited<ReturnType<Sockets['listening']>>, html: boolean): string[] {
  const found: string[] = []
  if (html)
    found.push(
      `the health path of ${slot.service} answers HTML: it may be index.html, whatever happens; add health.expect`,
    )
  const open = sockets.filter(l => l.open)
  if (open.length > 0)
    found.push(
      `${slot.service} listens on all interfaces (port ${open[0]!.port}): let it listen on $HOST, or keep the port closed`,
    )
  return found
}

/** What visitors had of it until now. */
function sayMeanwhile({ heldMs }: ReadyPorts, { app, service }: Slot, step: Of<'instances.ready'>): string {
  if (step.meanwhile === 'served') return '; traffic stayed where it was'
  if (step.meanwhile === 'stopped') return '; the one before was stopped for it, and is started again'
  if (step.meanwhile === undefined) return ''
  const ms = heldMs?.(app, service) ?? null
  return `; requests to ${service} have been held${ms === null ? '' : ` for ${showDuration(ms)}`}, until the one before answers again`
}

async function exits(ports: ReadyPorts, slot: Slot, step: Of<'instances.ready'>): Promise<Failure> {
  const tail = telling(await ports.files.logTail(logFolder(ports, slot), step.release, 200))
  const meanwhile = sayMeanwhile(ports, slot, step)
  return new Failure(
    'deploy.exits',
    `${slot.service} of ${step.release} exits right after it starts${meanwhile}`,
    {
      why: `the last lines of ${slot.service} ${slot.colour}.${slot.n}:\n${tail}`,
      fix: `\`inn logs ${step.app} --release ${step.release}\` shows all of it`,
      facts: { service: slot.service, release: step.release },
    },
  )
}

async function notReady(
  ports: ReadyPorts,
  slot: Slot,
  step: Of<'instances.ready'>,
  { detail, status, service }: { detail: string; status: number | null; service: ServiceConfig },
): Promise<Failure> {
  const state = await ports.supervisor.state(slotName(slot))
  const worker = service.kind === 'worker'
  const listens = worker || state?.pid == null ? [] : (await ports.listening(state.pid)).map(l => l.port)
  const elsewhere = listens.length > 0 && !listens.includes(slot.port)
  const why = elsewhere
    ? `it listens on ${listens.join(', ')}, not on $PORT (${slot.port})`
    : listens.length === 0 && !worker
      ? `it listens on no port; ${detail}`
      : detail
  const tail = telling(await ports.files.logTail(logFolder(ports, slot), step.release, 200), 6)
  const meanwhile = sayMeanwhile(ports, slot, step)
  return new Failure(
    'deploy.not-ready',
    `${slot.service} of ${step.release} did not become ready within ${showDuration(service.health.startPeriod)}${meanwhile}`,
    {
      why: `${why}${tail === '' ? '' : `\nits last lines:\n${tail}`}`,
      fix: elsewhere
        ? 'let the app listen on process.env.PORT, or write it into start: (… --port $PORT)'
        : status === 404
          ? `correct health.path of ${slot.service} in innkeeper.yaml: the app has no such route`
          : `\`inn logs ${step.app} --release ${step.release}\``,
      facts: { service: slot.service, release: step.release, peer: peer(slot), listens, status },
    },
  )
}
