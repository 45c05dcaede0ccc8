import { createHash } from 'node:crypto'
import { parseApp } from '../../config/app-key.ts'
import type { Colour } from '../../reach/edge/edge.ts'

/**
 * Every name that is made from an app's name, and how such a name is read back. Disks and databases hold these names
 * for ever: a form is changed only here, and never for names that were given out.
 */

/** One instance of a service of an app. */
export interface InstanceName {
  app: string
  service: string
  colour: Colour
  n: number
}

/** Programs of an app that run for a while, each in a control group of its own. */
const PROGRAMS = ['build', 'rebuild', 'release', 'run', 'job', 'persist', 'sqlite', 'tidy', 'carry'] as const
export type Program = (typeof PROGRAMS)[number]

/** Everything that has a name among the services, ports and control groups of a home. */
export type Named =
  | ({ kind: 'instance' } & InstanceName)
  | { kind: 'redis'; app: string }
  /** What stands between an app and its PostgreSQL. */
  | { kind: 'pooler'; app: string }
  /** The app's PostgreSQL cluster, and the program that its write-ahead log is streamed by. */
  | { kind: 'postgres'; app: string }
  | { kind: 'receiver'; app: string }
  | { kind: 'program'; app: string; program: Program }
  /** A restored copy of the app's cluster. */
  | { kind: 'copy'; app: string; copy: string }
  /** A part of the server itself: keeper, edge. */
  | { kind: 'part'; name: string }

/** `shop.api.blue.1` */
export const slotName = ({ app, service, colour, n }: InstanceName): string =>
  `${app}.${logName({ service, colour, n })}`

/** `api.blue.1`: the folder of an instance's logs, in the log folder of its app. */
export const logName = ({ service, colour, n }: Omit<InstanceName, 'app'>): string =>
  `${service}.${colour}.${n}`

/** `redis`: the folder of an app's Redis logs, beside those of its instances. */
export const REDIS_LOG = 'redis'

/** The lock of whoever changes an app: `app:shop`. */
export const appLock = (app: string): string => `app:${app}`

/** The lock of whoever builds an app, or removes what was built: `build:shop`. */
export const buildLock = (app: string): string => `build:${app}`

/** The lock of whoever makes or removes backups of an app, or of the keeper's own state: they do not wait for each other. */
export const backupLock = (owner: string): string => `backups:${owner}`

/** `shop.redis` */
export const redisName = (app: string): string => `${app}.redis`

/** The folder of the logs of an app's PgBouncer, and the last part of its service. */
export const POOLER_LOG = 'pgbouncer'

/** `shop.pgbouncer` */
export const poolerName = (app: string): string => `${app}.${POOLER_LOG}`

/** Last parts of the services of an app's cluster, and the folders of their logs beside those of its instances. */
export const POSTGRES_LOG = 'postgres'
export const RECEIVER_LOG = 'postgres-receiver'

/** `shop.postgres` */
export const postgresName = (app: string): string => `${app}.${POSTGRES_LOG}`

/** The service of a server that an app has for itself. */
export const serverName = (app: string, server: 'postgres' | 'pgbouncer' | 'redis'): string =>
  ({ postgres: postgresName, pgbouncer: poolerName, redis: redisName })[server](app)

/** `shop.postgres-receiver` */
export const receiverName = (app: string): string => `${app}.${RECEIVER_LOG}`

/** `shop.build` */
export const programName = (app: string, program: Program): string => `${app}.${program}`

/** Begins the last part of a copy's name. */
const COPY = 'copy-'

/** `shop.copy-look` */
export const copyName = (app: string, copy: string): string => `${app}.${COPY}${copy}`

/** The name of a copy's folder of sockets. The path of a socket may have 107 bytes, so it is short. */
export const copySockets = (app: string, copy: string): string => `c-${digest(`${app}\0${copy}`).slice(0, 8)}`

/** The key of an app within a longer name. */
const APP = '([a-z][a-z0-9-]*(?:@[a-z][a-z0-9-]*)?)'
const INSTANCE = new RegExp(String.raw`^${APP}\.([a-z][a-z0-9-]*)\.(blue|green)\.([1-9]\d*)$`)
const TWO = new RegExp(String.raw`^${APP}\.([a-z][a-z0-9-]*)$`)

/** What a name of a service, a port or a control group belongs to. */
export function parseName(text: string): Named {
  const [, app, service, colour, n] = INSTANCE.exec(text) ?? []
  if (n !== undefined)
    return { kind: 'instance', app: app!, service: service!, colour: colour as Colour, n: Number(n) }
  const [, first, second] = TWO.exec(text) ?? []
  if (second?.startsWith(COPY)) return { kind: 'copy', app: first!, copy: second.slice(COPY.length) }
  if (second === 'redis') return { kind: 'redis', app: first! }
  if (second === POOLER_LOG) return { kind: 'pooler', app: first! }
  if (second === POSTGRES_LOG) return { kind: 'postgres', app: first! }
  if (second === RECEIVER_LOG) return { kind: 'receiver', app: first! }
  const program = PROGRAMS.find(name => name === second)
  return program === undefined ? { kind: 'part', name: text } : { kind: 'program', app: first!, program }
}

/** The app that a name belongs to; null: it belongs to the server itself. */
export function ownerOf(text: string): string | null {
  const named = parseName(text)
  return 'app' in named ? named.app : null
}

/** The parts of an app in a restore point. `rows`: the count of what its tables hold. */
const KEPT = ['files', 'redis', 'dump', 'releases', 'rows'] as const
export type KeptKind = (typeof KEPT)[number]

/** `shop/files`: the name of a part of a restore point, also as a snapshot at a place. */
export const keptName = (app: string, kind: KeptKind): string => `${app}/${kind}`

/** What the keeper's own backups are called, where those of an app have its name. No app may have it as its name. */
export const KEEPER = 'keeper'

/** The part of a restore point that holds the keeper's own state. */
export const KEEPER_STATE = `${KEEPER}/state`

export function parseKept(text: string): { app: string; kind: KeptKind } | null {
  const [app, last] = text.split('/')
  const kind = KEPT.find(name => name === last)
  return kind === undefined ? null : { app: app!, kind }
}

/** Letters that PostgreSQL takes for the name of a restore point. */
const LONGEST_POINT = 63

/**
 * `shop-before-r3-20261130T1146`: the point before a deploy. Release numbers begin again after an app was removed, so it
 * contains the time.
 */
export function pointBefore({ app, number, now }: { app: string; number: number; now: number }): string {
  const rest = `-before-r${number}-${new Date(now).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`
  const room = LONGEST_POINT - rest.length
  if (app.length <= room) return `${app}${rest}`
  const mark = digest(app).slice(0, 8)
  return `${app.slice(0, room - mark.length - 1)}-${mark}${rest}`
}

/** The app's database in its cluster, and its two roles. `-` becomes `_`: SQL would need quotes for it. */
export function databaseNames(app: string): { database: string; owner: string; app: string } {
  const database = parseApp(app).name.replaceAll('-', '_')
  return { database, owner: `${database}_owner`, app: `${database}_app` }
}

/** Names of a restore: `fresh` is what was restored and then serves, `aside` is what was there before, which stays. */
export function besideNames(app: string, now: number): { fresh: string; aside: string } {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')
  const { database } = databaseNames(app)
  return { fresh: `${database}_restored_${stamp}`, aside: `${database}_before_${stamp}` }
}

/** What is left of a cluster's files before their recovery: `data.before-20261120T020000`. */
export const recoveryAside = (now: number): string =>
  `data.before-${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`

/** When what has this name was put aside by a recovery, in milliseconds since 1970; null: it was not. */
export function parseRecoveryAside(name: string): number | null {
  const [, day, hours, minutes, seconds] = /^data\.before-(\d{8})T(\d\d)(\d\d)(\d\d)$/.exec(name) ?? []
  if (day === undefined) return null
  const at = Date.parse(
    `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${hours}:${minutes}:${seconds}Z`,
  )
  return Number.isNaN(at) ? null : at
}

/** The system user that an app runs as. 90 bits of a digest: nobody can find an app name that gets another app's user. */
export const userName = (home: string, app: string): string =>
  `inn-${parseApp(app).name.slice(0, 9)}-${shortDigest(`${home}\0${app}`)}`

/** The system user as which commands say the value of a secret. No app can be called so that it gets this one. */
export const referencesUser = (home: string): string => `inn-secrets-${shortDigest(`${home}\0secrets:`)}`

const shortDigest = (text: string): string =>
  BigInt(`0x${digest(text)}`)
    .toString(36)
    .padStart(18, '0')
    .slice(-18)

/** The control group that holds everything of a home. */
export const groupName = (home: string): string => `innkeeper-${digest(home).slice(0, 8)}`

/** The table of nftables of a home. */
export const tableName = (home: string): string => `innkeeper_${digest(home).slice(0, 8)}`

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
