import { type AppConfig, type ServiceConfig, serviceOf } from '../../config/config.ts'
import { count, list } from '../../kernel/words.ts'
import type { Placed } from './wire.ts'

export interface PlacementFacts {
  config: AppConfig
  /** Service → its instances that run. */
  instances: ReadonlyMap<string, ReadonlyArray<{ name: string; port: number | null; role: string }>>
  /** Service → how many were asked for by `inn scale`. */
  scale: Readonly<Record<string, number>>
  /** The system user that its programs run as. */
  user: string
  site: { port: number; http: number | null; https: number | null }
  postgres: { port: number | null; data: string }
  redis: { port: number | null; data: string }
  /** The folder below which all releases share folders. */
  shared: string
  /** The folder for backups of apps that name none. */
  backups: string
}

/** Where each thing of an app is, and why there. */
export function placementOf(facts: PlacementFacts): Placed[] {
  const { config } = facts
  return [
    entrance(facts),
    ...config.services.map(service => placed(facts, service)),
    ...data(facts),
    ...folders(facts),
    ...places(facts),
  ]
}

function entrance({ config, site: { port, http, https } }: PlacementFacts): Placed {
  const { domains, routes } = config
  const public_ = [http, config.tls === false ? null : https].filter(one => one !== null)
  const led = routes.map(({ prefix, service }) => `${prefix} to ${service}`)
  return {
    what: 'entrance',
    where:
      domains.length === 0
        ? `the edge, 127.0.0.1:${port}`
        : `the edge, ${list(domains)} on ${public_.length === 0 ? `127.0.0.1:${port}` : list(public_.map(String))}`,
    why: `${domains.length === 0 ? 'no domains: it answers on loopback alone' : 'domains'}; ${led.length === 0 ? 'nothing takes requests' : list(led)}`,
  }
}

function placed({ config, instances, scale, user }: PlacementFacts, { name }: ServiceConfig): Placed {
  const service = serviceOf(config, name)
  if (service.kind === 'static')
    return { what: name, where: 'files that the edge serves', why: `static: ${service.static}` }
  const all = instances.get(name) ?? []
  const shown = all.map(
    ({ name: of, port, role }) =>
      `${of}${port === null ? '' : ` :${port}`}${role === 'live' ? '' : ` (${role})`}`,
  )
  return {
    what: name,
    where: `${shown.length === 0 ? 'no process' : list(shown)}, as ${user}`,
    why: [
      number(service, scale[name]),
      ...(service.kind === 'worker' ? ['a worker: no requests reach it'] : []),
    ].join('; '),
  }
}

function number({ singleton, instances }: ServiceConfig, scaled: number | undefined): string {
  if (singleton) return 'singleton: two at once would fight'
  if (scaled !== undefined && scaled !== instances)
    return `${count(scaled, 'instance')}, by inn scale; the file says ${instances}`
  return `instances: ${instances}`
}

function data({ config: { database, redis }, ...facts }: PlacementFacts): Placed[] {
  return [
    ...(database === undefined ? [] : [store('PostgreSQL', 'database', database, facts.postgres)]),
    ...(redis === undefined ? [] : [store('Redis', 'redis', redis === true ? {} : redis, facts.redis)]),
  ]
}

type Url = NonNullable<Exclude<AppConfig['redis'], true | undefined>>['url']

function store(
  what: string,
  key: string,
  { url }: { url?: Url | undefined },
  { port, data }: PlacementFacts['postgres'],
): Placed {
  if (url !== undefined) return { what, where: elsewhere(url), why: `${key}: { url: … }` }
  const where = port === null ? 'not made yet' : `127.0.0.1:${port}, ${data}`
  return { what, where, why: `${key}: its own, so that no other app reads or fills it` }
}

/** A url has a password: only the server in it is told. */
function elsewhere(url: Url): string {
  if (typeof url !== 'string')
    return 'from' in url ? `another server, which the secret ${url.from} names` : 'another server'
  return URL.canParse(url) ? `another server: ${new URL(url).host}` : 'another server'
}

const folders = ({ config, shared }: PlacementFacts): Placed[] =>
  config.services.flatMap(({ name, root, persist }) =>
    persist.map(folder => ({
      what: `folder ${folder}`,
      where: [shared, root, folder].filter(part => part !== '.').join('/'),
      why: `persist of ${name}: all releases share it`,
    })),
  )

function places({ config: { backups, database, services }, backups: folder }: PlacementFacts): Placed[] {
  const kept = database !== undefined || services.some(({ persist }) => persist.length > 0)
  const named = Object.entries(backups.where ?? {})
  if (named.length === 0)
    return kept
      ? [{ what: 'backups', where: folder, why: 'backups.where names no place: a folder of the home' }]
      : []
  return named.map(([name, place]) => ({
    what: `backups, ${name}`,
    where: 'folder' in place ? place.folder : `${place.s3.endpoint}/${place.s3.bucket}`,
    why: `backups.where.${name}`,
  }))
}
