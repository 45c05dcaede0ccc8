import { serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import { count } from '../../kernel/words.ts'
import {
  type Edge,
  opening,
  type RouteTable,
  type Traffic,
  type TrafficByRelease,
} from '../../reach/edge/edge.ts'
import { slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { causeOf, since } from '../checks/counters.ts'
import { look } from '../checks/health.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { Machine, Sockets } from './ports.ts'
import { leavingFrom } from './routing.ts'
import { worse } from './rule.ts'
import type { DeployStep, Move } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

type ProbePorts = Pick<Sockets, 'probe'> &
  Pick<Machine, 'clock'> & { releases: Pick<ReleaseStore, 'get'>; edge: Pick<Edge, 'traffic'> }

type WatchPorts = ProbePorts & { supervisor: Pick<Machine['supervisor'], 'state'> }

/** Opens the app's site beside the others, or changes it. */
export async function site(
  { edge }: { edge: Pick<Edge, 'configure'> },
  step: Of<'edge.site'>,
  context: StepContext,
): Promise<string> {
  const { reloaded } = await edge.configure(opening(step.site), context.signal)
  return reloaded ? 'reloaded, which keep-alive clients are told of first' : 'no reload was needed'
}

/** Sends requests where the table says. Who signs in to the site is written first, or nobody could. */
export async function route(
  {
    edge,
    apps,
    clock,
  }: Pick<Machine, 'clock'> & { edge: Pick<Edge, 'route' | 'admit'>; apps: Pick<AppStore, 'secrets'> },
  { app, table }: Of<'edge.route'>,
): Promise<void> {
  const login = table.guard?.login
  if (login !== undefined) {
    const password = (await apps.secrets(app))[login.secret]
    await edge.admit(
      app,
      password === undefined ? null : { user: login.user, password: new Secret(password) },
    )
  }
  await edge.route(app, leavingFrom(table, clock.now()))
}

/** Sends a request to each moved service through the edge, and checks in the edge's counters that the new release answered. */
export async function probeEdge(ports: ProbePorts, step: Of<'edge.probe'>): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const seen: string[] = []
  for (const move of step.moves) {
    const service = serviceOf(release.config, move.service)
    if (service.kind === 'worker') continue
    const path = pathFor(step.table, move.service, service.health.path)
    if (path === null) continue
    const before = await ports.edge.traffic(step.app)
    const answer = await ports.probe
      .http(step.port, path, Math.max(5_000, service.health.timeout), service.health)
      .catch((error: Error) => error)
    const problem =
      answer instanceof Error ? answer.message : await wrong(ports, step.app, move, before, answer.status)
    if (problem !== null) throw edgeFailure(step, move, path, problem)
    seen.push(`${path} ${(answer as { status: number }).status}`)
  }
  return seen.length === 0 ? 'nothing has a route' : seen.join(', ')
}

async function wrong(
  ports: ProbePorts,
  app: string,
  move: Move,
  before: TrafficByRelease,
  status: number,
): Promise<string | null> {
  const key = `${move.service}/${move.to.release}`
  if (status >= 500) {
    const counted = (await ports.edge.traffic(app))[key]
    const cause = counted === undefined ? null : causeOf(since(counted, before[key] ?? null))
    return cause === null ? `it answered ${status}` : `the edge answered ${status}: ${cause}`
  }
  // Tried again, because the edge counts a request after it has answered.
  for (let tries = 0; tries < 20; tries++) {
    const now = (await ports.edge.traffic(app))[key]
    if (now !== undefined && now.requests > (before[key]?.requests ?? 0)) return null
    await ports.clock.sleep(25)
  }
  return `it answered ${status}, and not from ${move.to.release}`
}

/** The service's health path when the routes lead it to the service, else the service's own prefix; null: it has no route. */
function pathFor(table: RouteTable, service: string, health: string | undefined): string | null {
  const leads = (path: string) =>
    table.routes.find(r => r.prefix === '/' || path === r.prefix || path.startsWith(`${r.prefix}/`))
      ?.service === service
  if (health !== undefined && leads(health)) return health
  return table.routes.find(r => r.service === service)?.prefix ?? null
}

function edgeFailure(step: Of<'edge.probe'>, move: Move, path: string, problem: string): Failure {
  return new Failure(
    'deploy.edge-probe',
    `${move.service} of ${step.release} does not answer through the edge${move.from === null ? '' : '; traffic is switched back'}`,
    {
      why: `GET http://127.0.0.1:${step.port}${path}: ${problem}`,
      fix: `\`inn logs ${step.app} --release ${step.release}\`, and \`inn logs edge\``,
    },
  )
}

/** In looks, which are a second apart: what `lately` covers, and the beginning that it leaves out. */
const LATELY = 3
const BEGINNING = 2

interface Baseline {
  traffic: TrafficByRelease
  crashes: Map<string, number>
}

/** Compares both sides every second. Throws as soon as the new side is worse than the old side was. */
export async function watch(
  ports: WatchPorts,
  step: Of<'edge.watch'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const base: Baseline = { traffic: await ports.edge.traffic(step.app), crashes: await crashes(ports, step) }
  const unhealthy = new Map<string, { times: number; finding: string }>()
  const looks: TrafficByRelease[] = []
  const until = ports.clock.now() + step.ms
  for (;;) {
    await Promise.all(
      step.slots.map(async slot => {
        const service = serviceOf(release.config, slot.service)
        if (service.kind !== 'web') return
        const finding = await look(ports.probe, slot.port, service.health)
        const times = finding.ok ? 0 : (unhealthy.get(slotName(slot))?.times ?? 0) + 1
        unhealthy.set(slotName(slot), { times, finding: finding.detail })
      }),
    )
    const now: Baseline = { traffic: await ports.edge.traffic(step.app), crashes: await crashes(ports, step) }
    // No more than these are needed, however long the watch is.
    if (looks.push(now.traffic) > BEGINNING + LATELY + 1) looks.shift()
    const earlier = looks.length > BEGINNING + LATELY ? looks.at(-1 - LATELY)! : null
    for (const move of step.moves) {
      const reason = worse(sampleOf(step, move, { base, now, earlier, unhealthy }))
      if (reason !== null) throw worseFailure(step, reason)
    }
    if (ports.clock.now() >= until) return summary(step, base.traffic, now.traffic)
    await ports.clock.sleep(Math.min(1_000, Math.max(0, until - ports.clock.now())), context.signal)
  }
}

interface Looks {
  base: Baseline
  now: Baseline
  /** Null: the watch has only begun. */
  earlier: TrafficByRelease | null
  unhealthy: ReadonlyMap<string, { times: number; finding: string }>
}

function sampleOf(step: Of<'edge.watch'>, move: Move, { base, now, earlier, unhealthy }: Looks) {
  const key = `${move.service}/${move.to.release}`
  const latest = now.traffic[key]
  const slots = step.slots.filter(slot => slot.service === move.service).map(slotName)
  const worst = slots.map(name => unhealthy.get(name)).sort((a, b) => (b?.times ?? 0) - (a?.times ?? 0))[0]
  const from = (one: TrafficByRelease) => (latest === undefined ? null : since(latest, one[key] ?? null))
  return {
    service: move.service,
    now: from(base.traffic),
    lately: earlier === null ? null : from(earlier),
    before: move.from === null ? null : (base.traffic[`${move.service}/${move.from.release}`] ?? null),
    restarts: slots.reduce((sum, name) => sum + now.crashes.get(name)! - base.crashes.get(name)!, 0),
    unhealthy: worst?.times ?? 0,
    finding: worst?.finding ?? '',
  }
}

async function crashes(
  ports: Pick<WatchPorts, 'supervisor'>,
  step: Of<'edge.watch'>,
): Promise<Map<string, number>> {
  const states = await Promise.all(step.slots.map(slot => ports.supervisor.state(slotName(slot))))
  return new Map(step.slots.map((slot, i) => [slotName(slot), states[i]?.crashes ?? 0]))
}

function worseFailure(step: Of<'edge.watch'>, reason: string): Failure {
  const what = step.moves.some(move => move.from !== null)
    ? 'it was worse than what served before'
    : 'it did not hold while it was watched'
  return new Failure('deploy.worse', `${step.release} was taken back: ${what}`, {
    why: reason,
    fix: `\`inn logs ${step.app} --release ${step.release}\`, and \`inn logs edge\``,
    facts: { release: step.release },
  })
}

function summary(step: Of<'edge.watch'>, base: TrafficByRelease, now: TrafficByRelease): string {
  const parts = step.moves.flatMap(move => {
    const key = `${move.service}/${move.to.release}`
    const latest: Traffic | undefined = now[key]
    if (latest === undefined) return []
    const t = since(latest, base[key] ?? null)
    return [
      `${move.service}: ${count(t.requests, 'request')}, ${count(t.status['5xx'] + t.status.failed, 'error')}`,
    ]
  })
  return parts.length === 0 ? `no request came in ${showDuration(step.ms)}` : parts.join('; ')
}
