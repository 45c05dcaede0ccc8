import type { PreviewRules } from '../../config/as-preview.ts'
import type { MaskKind } from '../../config/masks.ts'
import type { Sentences } from '../../engine/plan.ts'
import { showDuration } from '../../kernel/durations.ts'
import { count, list } from '../../kernel/words.ts'
import type { Colour, RouteTable, Site } from '../../reach/edge/edge.ts'
import type { App, Deployment, Slot } from '../app/app.ts'
import { listSecrets } from '../app/secrets.ts'
import type { PoolerFiles } from '../databases/pooling.ts'
import type { Origin } from './wire.ts'

interface OfApp {
  app: string
}

interface OfRelease extends OfApp {
  release: string
}

/** A service that moves from one release and colour to another. */
export interface Move {
  service: string
  from: Deployment | null
  to: Deployment
}

/** While new instances start: the old ones serve, requests wait at the edge, or the old one is stopped and had no requests. */
export type Meanwhile = 'served' | 'held' | 'stopped'

/** Everything that changes an app, as data. Each may run twice. */
/** A server that an app has for itself. */
export type Server = 'postgres' | 'pgbouncer' | 'redis'

export type DeployStep =
  | (OfRelease & {
      kind: 'release.take'
      upload: string
      /** Digest of the configuration that the plan was made from and the role was checked for. */
      digest: string
      only: readonly string[] | null
      /** The release whose built files serve for this one too; null: it is built. */
      reuse: string | null
      commit: string | null
      branch?: string | null
      number: number
      port: number
      /** What makes it a preview; missing: it is none. */
      rules?: PreviewRules
    })
  /** The same files and configuration as another release, with the secrets of now. `without`: or with its own, but for these variables. */
  | (OfRelease & { kind: 'release.again'; from: string; number: number; without: readonly string[] | null })
  | (OfRelease & { kind: 'release.drop' })
  /** `given`: the name under which the request put the values aside. The journal holds no value. */
  | (OfApp & { kind: 'secrets.keep'; given: string; names: readonly string[] })
  /** The values that commands say are put aside under `given`, too. */
  | (OfApp & { kind: 'secrets.resolve'; given: string; names: readonly string[] })
  | (OfApp & { kind: 'secrets.back'; given: string; names: readonly string[] })
  /** For a promotion to come. */
  | (OfApp & { kind: 'release.ahead'; from: { app: string; release: string } })
  | (OfRelease & { kind: 'slots.reserve'; slots: readonly Slot[] })
  | (OfApp & { kind: 'database.provide'; connections: number })
  /** The new database of a preview is filled from that of `from`; what the rules of what serves mask never reaches it. */
  | (OfApp & {
      kind: 'database.copy-masked'
      from: string
      mask: Readonly<Record<string, MaskKind>>
      connections: number
    })
  /** `folder`: each commit waits until its WAL is written there (`rpo: 0`); null: commits wait for no second place. */
  | (OfApp & { kind: 'database.stream'; folder: { name: string; path: string } | null })
  | (OfApp & { kind: 'database.stream-back' })
  /** PostgreSQL, its pooler and Redis of an app that is asleep. */
  | (OfApp & { kind: 'servers.start'; servers: readonly Server[] })
  /** `slots`: instances that are stopped already. */
  | (OfApp & { kind: 'app.rest'; servers: readonly Server[]; slots: readonly Slot[] })
  | (OfApp & { kind: 'redis.provide'; port: number })
  /** `major`: of a cluster that is not there yet. */
  | (OfApp & { kind: 'pooler.provide'; port: number; major?: number } & Pick<PoolerFiles, 'role' | 'pooling'>)
  /** `fresh`: nothing of an earlier release is taken over. */
  | (OfRelease & { kind: 'release.build'; service: string; fresh: boolean })
  /** `from`: the release whose files serve again, because no build would see a difference. */
  | (OfRelease & { kind: 'release.reuse'; from: string; services: readonly string[] })
  /** `from`: the release of another environment whose built files are copied. */
  | (OfRelease & {
      kind: 'release.bring'
      from: { app: string; release: string }
      services: readonly string[]
    })
  | (OfRelease & { kind: 'database.point'; point: string })
  | (OfRelease & { kind: 'release.migrate'; command: string })
  | (OfRelease & { kind: 'release.seed'; command: string })
  /** The database gets the name `aside`, and an empty one takes its place; or the other way round. */
  | (OfApp & { kind: 'database.empty'; aside: string; connections: number })
  | (OfApp & { kind: 'database.full'; aside: string })
  | (OfApp & { kind: 'database.drop'; aside: string })
  | (OfRelease & { kind: 'release.finish' })
  | (OfApp & { kind: 'instances.drain'; slots: readonly Slot[] })
  | (OfRelease & { kind: 'instances.start'; slots: readonly Slot[] })
  /** Of what was stopped: they start, and are waited for. */
  | (OfRelease & { kind: 'instances.again'; slots: readonly Slot[] })
  | (OfApp & { kind: 'instances.stop'; slots: readonly Slot[]; why: string })
  /** `meanwhile`: what visitors have of it until then; missing: nothing serves, or something else stopped it. */
  | (OfRelease & { kind: 'instances.ready'; slots: readonly Slot[]; meanwhile?: Meanwhile })
  /** `ms`: longest wait for connections to end. */
  | (OfApp & { kind: 'instances.quiet'; slots: readonly Slot[]; ms: number })
  /** `spare`: whether it is left as it is when its health is good again. */
  | (OfRelease & { kind: 'instances.replace'; slot: Slot; spare: boolean })
  | (OfApp & { kind: 'edge.site'; site: Site })
  | (OfApp & { kind: 'edge.close' })
  | (OfApp & { kind: 'edge.route'; table: RouteTable; says: string })
  | (OfRelease & { kind: 'edge.probe'; port: number; moves: readonly Move[]; table: RouteTable })
  | (OfRelease & { kind: 'edge.watch'; ms: number; moves: readonly Move[]; slots: readonly Slot[] })
  /** `origin`: where the app's source comes from, when that is new. */
  | (OfApp & {
      kind: 'app.live'
      live: App['live']
      warm: App['warm']
      state: App['state']
      says: string
      origin?: Origin
    })
  | (OfApp & { kind: 'app.scale'; scale: App['scale'] })
  | (OfApp & {
      kind: 'old.keep'
      moves: readonly Move[]
      warmMs: number
      drainMs: Readonly<Record<string, number>>
    })
  | (OfApp & { kind: 'old.settle'; items: ReadonlyArray<{ service: string; colour: Colour }> })
  | (OfApp & { kind: 'releases.prune'; keep: number })
  | (OfApp & { kind: 'app.remove'; data: boolean })

export const sentences: Sentences<DeployStep> = {
  'release.take': s => `take in the source as ${s.release}`,
  'release.again': s =>
    s.without === null
      ? `make ${s.release} of the files of ${s.from}, with the secrets of now`
      : `make ${s.release} of ${s.from}, without ${list(s.without)}`,
  'release.drop': s => `forget ${s.release}`,
  'secrets.keep': s => `keep what was given for ${listSecrets(s.names)}`,
  'secrets.resolve': s =>
    `ask for ${list(s.names)} where ${s.names.length === 1 ? 'it is' : 'they are'} kept`,
  'secrets.back': s => `return to what ${listSecrets(s.names)} had before`,
  'slots.reserve': s => `prepare ${slots(s.slots)}`,
  'database.provide': s => `provide the PostgreSQL database of ${s.app}`,
  'database.copy-masked': s => `fill it with a masked copy of the database of ${s.from}`,
  'database.stream': s =>
    s.folder === null
      ? 'let commits wait only for their own disk'
      : `make each commit wait until ${s.folder.name} has its write-ahead log`,
  'database.stream-back': () => 'let commits wait as the releases that serve ask for',
  'servers.start': s => `start ${list(s.servers)}`,
  'app.rest': s => (s.servers.length === 0 ? 'end what reads their logs' : `stop ${list(s.servers)}`),
  'redis.provide': s => `provide the Redis of ${s.app}`,
  'pooler.provide': s =>
    `provide the PgBouncer of ${s.app}: ${count(s.pooling.clients, 'client')} on ${count(s.pooling.size, 'connection')}`,
  'release.build': s => `build ${s.service}`,
  'release.reuse': s => `use the files of ${s.from} again for ${list(s.services)}`,
  'release.bring': s => `bring the built files of ${s.from.release} from ${s.from.app}`,
  'release.ahead': s => `copy the built files of ${s.from.release} of ${s.from.app}`,
  'database.point': s => `restore point ${s.point}`,
  'release.migrate': s => `release step: ${s.command}`,
  'release.seed': s => `seed the database: ${s.command}`,
  'database.empty': s => `put the database of ${s.app} aside, and begin with an empty one`,
  'database.full': s => `bring the database of ${s.app} back from aside`,
  'database.drop': s => `delete ${s.aside}, the database from before`,
  'release.finish': s => `${s.release} is built`,
  'instances.drain': s => `let open sockets of ${slots(s.slots)} end`,
  'instances.start': s => `start ${slots(s.slots)} with ${s.release}`,
  'instances.stop': s => `stop ${slots(s.slots)}${s.why === '' ? '' : ` (${s.why})`}`,
  'instances.again': s => `start ${s.app} again, and wait until it is ready`,
  'instances.ready': s => `wait until ${slots(s.slots)} ${s.slots.length === 1 ? 'is' : 'are'} ready`,
  'instances.quiet': s => `let connections to ${slots(s.slots)} end`,
  'instances.replace': s =>
    `end ${slots([s.slot])} and start it again${s.spare ? ', unless it is well by then' : ''}`,
  'edge.site': s =>
    `open ${s.site.domains.length > 0 ? list(s.site.domains) : `http://127.0.0.1:${s.site.port}`} at the edge`,
  'edge.close': s => `close ${s.app} at the edge`,
  'edge.route': s => s.says,
  'edge.probe': () => 'probe through the edge',
  'edge.watch': s => `watch errors, restarts and latency for ${showDuration(s.ms)}`,
  'app.live': s => s.says,
  'app.scale': s =>
    `remember ${
      Object.entries(s.scale)
        .map(([service, n]) => `${service}=${n}`)
        .join(', ') || 'the numbers of instances in innkeeper.yaml'
    }`,
  'old.keep': s =>
    `keep ${list(s.moves.flatMap(m => (m.from ? [`${m.from.colour} of ${m.service}`] : [])))} warm for ${showDuration(s.warmMs)}`,
  'old.settle': s => `forget that the old colour of ${count(s.items.length, 'service')} was to be stopped`,
  'app.remove': s =>
    s.data
      ? `remove ${s.app} with its database, its files and its secrets`
      : `remove ${s.app}; its database, shared folders and secrets stay`,
  'releases.prune': s => `keep the last ${s.keep} releases, remove older files`,
}

/** 'api blue.1, blue.2' */
function slots(all: readonly Slot[]): string {
  const services = [...new Set(all.map(slot => slot.service))]
  const named = services.map(service => {
    const own = all.filter(slot => slot.service === service)
    return `${service} ${own.map(slot => `${slot.colour}.${slot.n}`).join(', ')}`
  })
  return named.length === 0 ? 'nothing' : list(named)
}
