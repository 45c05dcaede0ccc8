import { parseApp } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { count } from '../../kernel/words.ts'
import { type App, currentRelease, type Deployment, newest, releaseBefore } from './app.ts'
import { ofEnds, ofVisitors, type Unsteady, type Visited } from './rule.ts'
import type { AppStatus, Instance, ServiceStatus } from './wire.ts'

/** One instance as it was observed. `ends`: how often it ended or was replaced in the last two minutes. */
export type SeenInstance = Omit<Instance, 'role'> & { service: string; ends: number }

export interface SeenApp {
  app: App
  /** Configuration of the live release; null before there is one. */
  config: AppConfig | null
  instances: readonly SeenInstance[]
  /** Requests of visitors to what is live. */
  visited: readonly Visited[]
  warmUntil: number | null
  /** Releases whose files are there. */
  ready: readonly string[]
  /** What became of its database, as a sentence; null: it is there, or the app has none. */
  loss: string | null
  /** It is stopped until somebody asks for it. */
  asleep: boolean
  /** Until when people work on it and visitors are kept out, in milliseconds since 1970; null: they get in. */
  closedUntil: number | null
  /** The server is being recovered, and will start the app. */
  recovering: boolean
  running: string | null
  deployed: { at: number; by: string } | null
  /** The public port of apps with domains; null: no app is public. */
  httpPort: number | null
  /** Names that it answers to by TLS, and at which port; null: to none. */
  secure: { port: number; names: readonly string[] } | null
  /** Whether the person who asks has the right to change the app. */
  mayChange: boolean
}

/** The status of an app from what was observed: one state, and the reason when it is not well. */
export function appStatus(seen: SeenApp): AppStatus {
  const { app, config } = seen
  const services = (config?.services ?? []).map(service => serviceStatus(seen, service.name, service.kind))
  const { state, reason } = judge(seen, services)
  const main = config?.routes.find(route => route.prefix === '/')?.service ?? config?.services[0]?.name
  const deployment = main === undefined ? undefined : app.live[main]
  const rollback = rollbackOf(seen)
  return {
    name: app.name,
    environment: parseApp(app.name).environment,
    url: deployment === undefined ? null : urlOf(seen),
    colour: deployment?.colour ?? null,
    release: currentRelease(app),
    state,
    reason,
    services,
    rollback,
    running: seen.running,
    deployedAt: seen.deployed === null ? null : new Date(seen.deployed.at).toISOString(),
    deployedBy: seen.deployed?.by ?? null,
    can: seen.mayChange ? allowed(seen, rollback !== null, newest(standing(seen)) !== null) : [],
  }
}

/** What an instance is there for: it takes traffic, is kept for a rollback, or neither. */
export function roleOf(
  { live, warm }: Pick<App, 'live' | 'warm'>,
  { service, colour, release }: Pick<SeenInstance, 'service' | 'colour' | 'release'>,
): Instance['role'] {
  const is = (one: Deployment | undefined) => one?.colour === colour && one.release === release
  return is(live[service]) ? 'live' : is(warm[service]) ? 'warm' : 'old'
}

function serviceStatus(seen: SeenApp, name: string, kind: 'web' | 'worker' | 'static'): ServiceStatus {
  const deployment = seen.app.live[name]
  return {
    name,
    kind,
    colour: deployment?.colour ?? null,
    release: deployment?.release ?? null,
    routes: (seen.config?.routes ?? []).filter(r => r.service === name).map(r => r.prefix),
    instances: seen.instances
      .filter(i => i.service === name && i.state !== 'stopped')
      .map(seenOne => {
        const { service: _, ends: __, ...i } = seenOne
        return { ...i, role: roleOf(seen.app, seenOne) }
      })
      .sort((a, b) => a.role.localeCompare(b.role) || a.n - b.n),
  }
}

/** The worst that is seen decides: health first, then how visitors fare, then whether instances stay up. */
function judge(seen: SeenApp, services: readonly ServiceStatus[]): Pick<AppStatus, 'state' | 'reason'> {
  const { app, config, running, visited } = seen
  if (app.state === 'new' || config === null)
    return {
      state: 'new',
      reason:
        running === null ? 'nothing of it was deployed with success yet' : 'its first deploy is under way',
    }
  // What wakes it is no change that anybody has to know of.
  if (app.state === 'stopped' && seen.asleep) return { state: 'asleep', reason: null }
  if (app.state === 'stopped') return { state: 'stopped', reason: whyStopped(seen) }
  if (seen.closedUntil !== null)
    return { state: 'maintenance', reason: `visitors are kept out until ${minuteOf(seen.closedUntil)}` }
  const processes = services.filter(s => s.kind !== 'static')
  const sick = processes.map(s => ({
    s,
    live: s.instances.filter(i => i.role === 'live'),
    good: s.instances.filter(i => i.role === 'live' && i.state === 'ready').length,
  }))
  const allDead = sick.filter(x => x.good === 0)
  // A dead worker must not hide that visitors get no answer.
  const dead = allDead.find(x => x.s.routes.length > 0) ?? allDead[0]
  const short = sick.find(x => x.good < x.live.length)
  if (dead !== undefined)
    return {
      state: processes.length === 1 || dead.s.routes.length > 0 ? 'down' : 'degraded',
      reason: `no instance of ${dead.s.name} is ready`,
    }
  const found = [
    ...(seen.loss === null ? [] : [{ state: 'degraded', reason: seen.loss } as const]),
    ...(short === undefined ? [] : [{ state: 'degraded', reason: shortReason(short) } as const]),
    ofVisitors(visited),
    ofEnds(unsteady(seen)),
  ].filter(verdict => verdict !== null)
  return found.find(({ state }) => state === 'down') ?? found[0] ?? { state: 'serving', reason: null }
}

/** A recovery brings every app back stopped, and a restore stops its app: neither was done by a person. */
function whyStopped({ app, running, recovering }: SeenApp): string {
  if (recovering) return 'the recovery of this server starts it when its data is back'
  return running === null
    ? `it was stopped; inn start ${app.name} starts it`
    : 'it is stopped during a change'
}

/** Only of what is live: the side that is kept warm, or that is being tried, is nobody's yet. */
const unsteady = ({ app, instances }: SeenApp): Unsteady[] =>
  instances
    .filter(one => {
      const live = app.live[one.service]
      return live?.colour === one.colour && live.release === one.release
    })
    .map(({ service, n, ends }) => ({ instance: `${service} ${n}`, ends }))

function shortReason({
  s,
  live,
  good,
}: {
  s: ServiceStatus
  live: readonly Instance[]
  good: number
}): string {
  const missing = live.length - good
  const out = live.filter(one => one.leftOut).length
  const others = out === 0 ? '' : `; the others take ${out === 1 ? 'its' : 'their'} requests`
  return `${count(missing, 'instance')} of ${s.name} ${missing === 1 ? 'is' : 'are'} not ready${others}`
}

function rollbackOf(seen: SeenApp): AppStatus['rollback'] {
  const { app, ready, warmUntil } = seen
  const release = releaseBefore(app, ready)
  if (release === null) return null
  const warm = standing(seen).includes(release)
  return { release, warm, warmUntil: warm && warmUntil !== null ? new Date(warmUntil).toISOString() : null }
}

/** The releases that stand ready on the other side. */
const standing = ({ app, instances }: Pick<SeenApp, 'app' | 'instances'>): string[] =>
  instances
    .filter(({ service, release, colour, state }) => {
      const warm = app.warm[service]
      return state === 'ready' && warm?.colour === colour && warm.release === release
    })
    .map(one => one.release)

function allowed({ app, asleep }: SeenApp, rollback: boolean, warm: boolean): AppStatus['can'] {
  if (app.state === 'stopped') return ['deploy', 'start', ...(asleep ? (['stop'] as const) : [])]
  if (app.state === 'new') return ['deploy']
  return [
    'deploy',
    ...(rollback ? (['rollback'] as const) : []),
    ...(warm ? (['switch'] as const) : []),
    'scale',
    'restart',
    'stop',
  ]
}

function urlOf({ app, config, httpPort, secure }: SeenApp): string {
  const domain = config?.domains[0]
  if (domain === undefined || httpPort === null) return `http://127.0.0.1:${app.port}`
  if (secure?.names.includes(domain.toLowerCase()) === true)
    return `https://${domain}${secure.port === 443 ? '' : `:${secure.port}`}`
  return `http://${domain}${httpPort === 80 ? '' : `:${httpPort}`}`
}
