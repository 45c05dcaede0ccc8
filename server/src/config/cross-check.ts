import { posix } from 'node:path'
import { variablesIn } from '../kernel/argv.ts'
import { didYouMean, list } from '../kernel/words.ts'
import { synchronousPlaces } from './backups.ts'
import type { Env } from './config.ts'
import { redirects } from './cross-edge.ts'
import { ownNames } from './cross-env.ts'
import { crossJobs } from './cross-jobs.ts'
import { checkinNames, probes } from './cross-probes.ts'
import { crossStatusPage } from './cross-status-page.ts'
import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** Problems between keys: services that do not exist, starts that make no sense, parts of a database that is not there. */
export function crossCheck(input: ConfigInput): CrossProblem[] {
  return [
    ...services(input),
    ...routes(input),
    ...database(input),
    ...synchronous(input),
    ...release(input),
    ...seed(input),
    ...migrations(input),
    ...parts(input),
    ...nested(input),
    ...shown(input),
    ...controls(input),
    ...ownNames(input),
    ...redirects(input),
    ...probes(input),
    ...checkinNames(input),
    ...crossJobs(input),
    ...retention(input),
    ...crossStatusPage(input),
  ]
}

function services(input: ConfigInput): CrossProblem[] {
  return Object.entries(input.services).flatMap(([name, service]) => {
    const say = (key: string, message: string): CrossProblem => ({ path: ['services', name, key], message })
    const isStatic = service.static !== undefined
    const hasStart = service.start !== undefined
    return [
      ...(isStatic && hasStart
        ? [say('start', 'a static service has no process: take out start or static')]
        : []),
      ...(isStatic || hasStart
        ? []
        : [say('start', 'is missing: the command that runs the service (or static: its folder of files)')]),
      ...(service.singleton && service.instances > 1
        ? [say('instances', 'a singleton runs once: take out instances or singleton')]
        : []),
      ...(service.affinity !== undefined && (isStatic || service.worker)
        ? [say('affinity', 'is for a service whose instances take requests: take it out')]
        : []),
      ...(service.metrics !== undefined && (isStatic || service.worker)
        ? [say('metrics', 'is for a service that has a port: take it out')]
        : []),
      ...(service.vitals && service.worker
        ? [say('vitals', 'is for a service that sends pages: take it out')]
        : []),
      ...(isStatic && service.worker ? [say('worker', 'a static service is no worker')] : []),
    ]
  })
}

/** Commands that apply what each tool keeps. */
const APPLY: Record<string, string> = {
  prisma: 'prisma migrate deploy',
  drizzle: 'drizzle-kit migrate',
  knex: 'knex migrate:latest',
  'node-pg-migrate': 'node-pg-migrate up',
  'graphile-migrate': 'graphile-migrate migrate',
  dbmate: 'dbmate up',
  sequelize: 'sequelize-cli db:migrate',
  typeorm: 'typeorm migration:run -d dist/data-source.js',
  'mikro-orm': 'mikro-orm migration:up',
  kysely: 'kysely migrate:latest',
}

function migrations({ migrations, release, database }: ConfigInput): CrossProblem[] {
  if (migrations === undefined || migrations === false) return []
  const { tool, folder } = migrations
  const say = (key: string[], message: string): CrossProblem => ({ path: ['migrations', ...key], message })
  const [there, missing] = tool === undefined ? ['folder', 'tool'] : ['tool', 'folder']
  return [
    ...((tool === undefined) === (folder === undefined)
      ? []
      : [say([there!], `says nothing without ${missing}: write both, or neither`)]),
    ...(database === undefined
      ? [say([], 'there is no database to apply them to: add database: { postgres: true }, or its url')]
      : []),
    ...(tool !== undefined && tool !== 'sql' && release === undefined
      ? [say(['tool'], `nothing applies them: add release: ${APPLY[tool]}`)]
      : []),
  ]
}

function routes(input: ConfigInput): CrossProblem[] {
  const names = Object.keys(input.services)
  const problems = Object.entries(input.routes ?? {}).flatMap(([prefix, service]): CrossProblem[] => {
    const path = ['routes', prefix]
    const target = input.services[service]
    if (target === undefined) return [{ path, message: unknownService(service, names) }]
    return target.worker
      ? [{ path, message: `${service} is a worker: it has no port to send requests to` }]
      : []
  })
  const serving = names.filter(name => !input.services[name]!.worker)
  if (input.routes !== undefined || serving.length < 2) return problems
  return [
    ...problems,
    {
      path: ['routes'],
      message: `is missing: ${list(serving)} could all answer; say which path goes to which`,
    },
  ]
}

function database({ database: wanted }: ConfigInput): CrossProblem[] {
  if (wanted === undefined) return []
  if ((wanted.postgres === undefined) === (wanted.url === undefined))
    return [
      {
        path: ['database'],
        message: 'write postgres: true for a database of ours, or url for one that exists',
      },
    ]
  return pooling(wanted)
}

function pooling({ pooling: wanted, ...of }: NonNullable<ConfigInput['database']>): CrossProblem[] {
  if (wanted === undefined) return []
  const path = ['database', 'pooling']
  if (of.postgres === undefined)
    return [{ path, message: 'is for a database of ours: write postgres: true, or take pooling out' }]
  const { size, clients } = wanted
  return [
    ...(size > of.connections
      ? [
          {
            path: [...path, 'size'],
            message: `${size} is more than connections, which is ${of.connections}: write less, or more connections`,
          },
        ]
      : []),
    ...(clients < size
      ? [{ path: [...path, 'clients'], message: `is less than the size of the pool, which is ${size}` }]
      : []),
  ]
}

function retention({ database: wanted, backups, retention: rules }: ConfigInput): CrossProblem[] {
  const say = (name: string, message: string): CrossProblem => ({ path: ['retention', name], message })
  return Object.entries(rules).flatMap(([name, rule]) => {
    if (wanted?.postgres === undefined)
      return [say(name, 'it is for a database of ours: add database: { postgres: true }')]
    return rule.do === 'archive' && !backups.on
      ? [say(name, 'an archive lies with the backups, and there are none: take out backups: false')]
      : []
  })
}

function synchronous({ database: wanted, backups }: ConfigInput): CrossProblem[] {
  const names = synchronousPlaces(backups).map(place => place.name)
  const say = (name: string, message: string) => ({ path: ['backups', 'where', name, 'rpo'], message })
  return [
    ...names.slice(1).map(name => say(name, `one place is enough: commits wait for ${names[0]} already`)),
    ...(names.length > 0 && wanted?.postgres !== true
      ? [say(names[0]!, 'is for a database of ours: write database: { postgres: true }')]
      : []),
  ]
}

function release(input: ConfigInput): CrossProblem[] {
  const names = Object.keys(input.services)
  return (['release', 'seed'] as const).flatMap(key => {
    const wanted = input[key]
    const named = wanted === undefined || Array.isArray(wanted) ? undefined : wanted.service
    if (named === undefined || names.includes(named)) return []
    return [{ path: [key, 'service'], message: unknownService(named, names) }]
  })
}

/** Without a database there is nothing to seed. */
const seed = ({ seed: wanted, database: there }: ConfigInput): CrossProblem[] =>
  wanted === undefined || there !== undefined
    ? []
    : [{ path: ['seed'], message: 'there is no database to seed: add database, or take seed out' }]

/** Finds `{ database: host }` in a file without a database. */
function parts(input: ConfigInput): CrossProblem[] {
  const sections: Array<[string[], Env]> = [
    [['env'], input.env],
    ...Object.entries(input.services).map(([name, s]): [string[], Env] => [['services', name, 'env'], s.env]),
  ]
  return sections.flatMap(([path, env]) =>
    Object.entries(env).flatMap(([name, value]) => {
      const of =
        typeof value !== 'object'
          ? null
          : 'database' in value
            ? 'database'
            : 'redis' in value
              ? 'redis'
              : null
      return of === null || input[of] !== undefined
        ? []
        : [{ path: [...path, name], message: `the file has no ${of}: to take a part of` }]
    }),
  )
}

function unknownService(service: string, names: string[]): string {
  const near = didYouMean(service, names)
  return `there is no service ${service}; ${near === null ? `services: ${list(names)}` : `did you mean ${near}?`}`
}

/** Refuses a persistent folder around what a release brings itself, and one inside of another: each is replaced by a link, so the inner one would be in the wrong folder. */
function nested({ services: all }: ConfigInput): CrossProblem[] {
  const folders = Object.entries(all).flatMap(([name, { root, persist }]) =>
    persist.map((folder, n) => ({
      path: ['services', name, 'persist', String(n)],
      folder,
      at: posix.join(root, folder),
    })),
  )
  const sites = Object.entries(all).flatMap(([name, { root, static: files }]) =>
    files === undefined ? [] : [{ name, at: posix.join(root, files) }],
  )
  return folders.flatMap(({ path, folder, at }, n) => {
    const site = sites.find(one => at === one.at || one.at.startsWith(`${at}/`))
    if (site !== undefined)
      return [
        {
          path,
          message: `"${folder}" holds the files of ${site.name}, which each release brings anew: all releases would serve those of the first. Name a folder in it`,
        },
      ]
    if (at === '.') return [{ path, message: `"${folder}" is the whole source: name a folder in it` }]
    const around = folders.find((other, m) => m !== n && at.startsWith(`${other.at}/`))
    return around === undefined
      ? []
      : [
          {
            path,
            message: `"${folder}" lies inside of "${around.folder}", which is persistent already: take it out`,
          },
        ]
  })
}

/** Refuses secrets in command lines: everybody on the machine can read them in the list of processes. */
function shown(input: ConfigInput): CrossProblem[] {
  return Object.entries(input.services).flatMap(([name, service]) => {
    const env: Env = { ...input.env, ...service.env }
    const secret = variablesIn(service.start ?? []).find(
      variable => CONNECTIONS.has(variable) || typeof env[variable] === 'object',
    )
    return secret === undefined
      ? []
      : [
          {
            path: ['services', name, 'start'],
            message: `$${secret} would be in the list of processes, for everybody to read: let the program read it from its environment`,
          },
        ]
  })
}

const CONNECTIONS = new Set(['DATABASE_URL', 'REDIS_URL'])

/** Keys whose values only the app and its database read: a certificate in a variable, a script for sh -c, a query. They may have several lines. */
const OF_THE_APP = new Set([
  'env',
  'buildEnv',
  'start',
  'build',
  'install',
  'command',
  'release',
  'queries',
  'expect',
])
const LINES = /[^\P{Cc}\n\t]/u
const CONTROLS = /[\p{Cc}\u2028\u2029]/u

/** Refuses control characters: all other values are written into files and commands of other programs, as one line. */
function controls(value: unknown, path: string[] = []): CrossProblem[] {
  const refused = path.some(key => OF_THE_APP.has(key)) ? LINES : CONTROLS
  const problem = (text: string): CrossProblem[] =>
    refused.test(text)
      ? [{ path, message: `${JSON.stringify(text)} has a control character: take it out` }]
      : []
  if (typeof value === 'string') return problem(value)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...problem(key),
    ...controls(inner, [...path, key]),
  ])
}
