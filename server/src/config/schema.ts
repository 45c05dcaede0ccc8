import { z } from 'zod'
import { alerts } from './alerts.ts'
import { backups, cron } from './backups.ts'
import {
  command,
  commands,
  duration,
  env,
  givenEnv,
  givenValue,
  HOST_NAME,
  inside,
  size,
  sizeFrom,
} from './fields.ts'
import { guard } from './guard.ts'
import { health } from './health.ts'
import { jobs } from './jobs.ts'
import { logging } from './logging.ts'
import { messages } from './messages.ts'
import { previews } from './previews.ts'
import { checkins, probes } from './probes.ts'
import { protection } from './protection.ts'
import { retention } from './retention.ts'
import { runbooks } from './runbooks.ts'
import { security } from './security.ts'
import { statusPage } from './status-page.ts'
import { tls } from './tls.ts'

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,29}$/,
    'a name has small letters, digits and -, begins with a letter, and is 30 long at most',
  )

/** Names that no app may have: parts of the server, and databases that every cluster has. */
const RESERVED = new Set([
  'keeper',
  'edge',
  'postgres',
  'postgres-receiver',
  'copy',
  'innkeeper',
  'template0',
  'template1',
])

/** Where a service shows its own metrics. */
const metrics = z
  .union([
    z.string().startsWith('/'),
    z.strictObject({
      path: z.string().startsWith('/').describe('HTTP path of every instance'),
      format: z
        .enum(['text', 'json'])
        .default('text')
        .describe('text: that of Prometheus; json: numbers at their paths become series'),
    }),
  ])
  .transform(said => (typeof said === 'string' ? { path: said, format: 'text' as const } : said))

const affinity = z.union([
  z.enum(['cookie', 'header', 'address']),
  z.strictObject({
    header: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'a header has letters, digits and - in its name')
      .describe('Its name, e.g. Mcp-Session-Id'),
  }),
])

export const restart = z.strictObject({
  after: duration.default(10_000).describe('How long an instance fails before it is replaced'),
  longest: duration.default(300_000).describe('The wait doubles each time that it did not help, up to this'),
})

/** Majors with long-term support, now or once. Odd ones end after half a year, and nobody mends them. */
export const NODE_MAJORS: number[] = [16, 18, 20, 22, 24, 26]

const service = z.strictObject({
  root: inside.default('.').describe('Its folder in the repository'),
  node: z
    .literal(NODE_MAJORS, {
      error: ({ input }) =>
        `there is no Node.js ${String(input)} that is kept up: write ${NODE_MAJORS.slice(0, -1).join(', ')} or ${NODE_MAJORS.at(-1)}`,
    })
    .default(24)
    .describe('Major version of Node.js'),
  packageManager: z.enum(['npm', 'pnpm', 'yarn']).optional().describe('Default: what the lockfile says'),
  install: z
    .union([commands, z.literal(false)])
    .optional()
    .describe('Default: a clean install from the lockfile'),
  build: commands.default([]).describe('Run after the install, in order, without a shell'),
  buildEnv: givenEnv
    .default({})
    .describe('Environment of install and build only; the run environment is not visible to them'),
  devDependencies: z
    .enum(['keep', 'prune'])
    .default('keep')
    .describe('prune: dropped after the build; keep where migrations need them'),
  start: command
    .optional()
    .describe('The process itself, not a wrapper. $PORT and other variables are replaced'),
  static: inside.optional().describe('A folder of built files that the edge serves by itself'),
  spa: z.boolean().default(true).describe('Static: unknown paths get index.html'),
  worker: z.boolean().default(false).describe('It has no port and takes no requests'),
  singleton: z
    .boolean()
    .default(false)
    .describe('Two at once would fight: the old one stops before the new one starts'),
  instances: z.number().int().min(1).max(64).default(1).describe('How many processes share the requests'),
  memory: sizeFrom(64, 'Node.js itself takes')
    .optional()
    .describe('An instance over it is replaced, one at a time'),
  env: env.default({}).describe('Of this service alone; wins over env of all'),
  persist: z.array(inside).default([]).describe('Folders that all releases share, e.g. uploads'),
  health: health.prefault({}).describe('When an instance counts as ready, and later as failing'),
  metrics: metrics.optional().describe('Where it shows metrics of its own'),
  logging: logging
    .optional()
    .describe('Which lines of this service alone are written, instead of what the app says'),
  vitals: z
    .boolean()
    .default(false)
    .describe('Its pages get a script that measures what visitors feel: load times, shifts, page views'),
  restart: z
    .union([z.literal(false), restart])
    .prefault({})
    .describe('When an instance that fails its health is replaced; false: never'),
  affinity: affinity
    .optional()
    .describe(
      'By what a client is told apart that must come back to the same instance; default: nobody must',
    ),
  drain: duration
    .default(60_000)
    .describe('How long open sockets and event streams may stay on the old side'),
  stopGrace: duration.default(10_000).describe('From SIGTERM to SIGKILL'),
})

const postgres = z.union([
  z.literal(true),
  z.strictObject({
    version: z
      .number()
      .int()
      .min(13)
      .max(99)
      .describe('Major version; default: the newest that is installed'),
  }),
])

/** Most connections of clients that a pooler holds unless it is said: each costs it some 10 KB. */
const POOLED_CLIENTS = 400

const pooling = z.union([
  z.literal(true),
  z.strictObject({
    size: z
      .number()
      .int()
      .min(1)
      .max(500)
      .optional()
      .describe('Connections to PostgreSQL that all clients share; default: connections'),
    clients: z
      .number()
      .int()
      .min(2)
      .max(5_000)
      .default(POOLED_CLIENTS)
      .describe('Connections that the app may open to the pooler, all processes of both colours together'),
  }),
])

const databaseKeys = z.strictObject({
  postgres: postgres.optional().describe('A PostgreSQL cluster of its own, which Innkeeper runs'),
  url: givenValue.optional().describe('An existing server instead'),
  role: z
    .enum(['app', 'owner'])
    .default('app')
    .describe('app: the running app reads and writes rows and no more'),
  connections: z
    .number()
    .int()
    .min(2)
    .max(500)
    .default(20)
    .describe('Divided over the instances as DATABASE_POOL_SIZE'),
  pooling: pooling
    .optional()
    .describe('A PgBouncer between the app and its database: many clients share few connections'),
  quota: size.optional().describe('How large it may become: an alert comes before, and a forecast'),
})

const sizesOf = (pooled: z.output<typeof pooling>, connections: number) =>
  pooled === true
    ? { size: connections, clients: POOLED_CLIENTS }
    : { size: pooled.size ?? connections, clients: pooled.clients }

/** Whether there is a cluster, and of which major, are two facts: most readers ask for the first alone. */
const database = databaseKeys.transform(({ postgres: wanted, pooling: pooled, ...keys }) => ({
  ...keys,
  ...(pooled === undefined ? {} : { pooling: sizesOf(pooled, keys.connections) }),
  ...(wanted === undefined ? {} : { postgres: true as const }),
  ...(typeof wanted === 'object' ? { major: wanted.version } : {}),
}))

const release = z.strictObject({
  command: command.describe('One command, without a shell'),
  service: name
    .optional()
    .describe('In whose folder and with whose Node.js it runs; default: the first with a start'),
  timeout: duration
    .default(600_000)
    .describe('After this it is stopped, and the old version goes on serving'),
  lockTimeout: duration.default(10_000).describe('How long one statement may wait for a lock'),
  blockTimeout: duration
    .default(10_000)
    .describe(
      'How long queries of the app may wait for it; then its statement is cancelled, and tried again',
    ),
  env: givenEnv.default({}).describe('For this command, on top of that of the service'),
})

const seed = release.pick({ command: true, service: true }).extend({
  timeout: duration.default(600_000).describe('After this it is stopped'),
})

const migrations = z.strictObject({
  tool: z
    .enum([
      'prisma',
      'drizzle',
      'knex',
      'node-pg-migrate',
      'graphile-migrate',
      'dbmate',
      'sequelize',
      'typeorm',
      'mikro-orm',
      'kysely',
      'sql',
    ])
    .optional()
    .describe('sql: plain files, applied by Innkeeper itself when there is no release command'),
  folder: inside
    .optional()
    .describe('Of the migration files, from the root of the repository; with `tool`, or found with it'),
  table: z
    .string()
    .regex(
      /^[^.\s\p{Cc}]+(\.[^.\s\p{Cc}]+)?$/u,
      'a table is written as name or as schema.name, without quotes',
    )
    .optional()
    .describe(
      "Where the tool records what is applied; default: what the tool's own files say, or its usual one",
    ),
  lint: z
    .enum(['refuse', 'warn', 'off'])
    .optional()
    .describe(
      'Default: refuse. What becomes of pending migrations that would fail, break the release that serves, or lock a large table for long: the deploy is refused, or only says so',
    ),
})

export const rebuild = z.strictObject({
  schedule: cron.default('30 3 * * 6').describe('When, as cron says it, in the time zone of the server'),
})

export const environmentName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,19}$/,
    'an environment has small letters, digits and -, begins with a letter, and is 20 long at most',
  )

/** What an environment has of its own: keys of this file. They are checked when they lie over the rest. */
const environments = z.record(environmentName, z.record(z.string(), z.unknown()).nullable())

/** The name of an app. */
export const appName = name
  .refine(text => !RESERVED.has(text), 'this name belongs to a part of the server: choose another')
  .describe('Of the app: its folder, its user, its database')

/** innkeeper.yaml. The commented example has every key of it, and a test parses the example. */
export const ConfigFile = z.strictObject({
  name: appName,
  domains: z
    .array(z.string().max(253, 'a host name has 253 letters at most').regex(HOST_NAME, 'not a host name'))
    .default([])
    .describe('Host names that visitors use; without, the app answers on 127.0.0.1 alone'),
  tls: z
    .union([z.literal(false), ...tls.options])
    .prefault({})
    .describe('A certificate for the domains, issued and renewed by itself; false: none'),
  ...guard.shape,
  services: z
    .record(name, service)
    .refine(all => Object.keys(all).length > 0, 'an app has one service at least')
    .describe('Processes and folders of files, by names of your own'),
  routes: z
    .record(z.string().startsWith('/', 'a route is a path that begins with /'), name)
    .optional()
    .describe('Path prefix to service; the longest wins. Default: / to the only service'),
  database: database
    .optional()
    .describe('Gives DATABASE_URL and DATABASE_POOL_SIZE; with pooling DIRECT_DATABASE_URL, too'),
  redis: z
    .union([z.literal(true), z.strictObject({ url: givenValue.describe('An existing server instead') })])
    .optional()
    .describe('Gives REDIS_URL; true: on the Redis that Innkeeper runs'),
  release: z
    .union([command, release])
    .optional()
    .describe('Run once for each release, before it takes traffic, as the owner of the database'),
  seed: z
    .union([command, seed])
    .optional()
    .describe('What `inn db seed` runs, as the owner of the database; never in production'),
  migrations: z
    .union([z.literal(false), migrations])
    .optional()
    .describe(
      'Where migrations live, so that pending ones are listed; found by itself for the usual places. false: none is looked for, and nothing is compared',
    ),
  backups: backups
    .prefault({})
    .describe(
      'Of database, files and Redis; all on without a line here. false: none, in environments other than production',
    ),
  alerts: alerts.default([]).describe('Rules of your own, beside those that every app has'),
  logging: logging.optional().describe('Which lines of services are written; default: all'),
  probes: probes.default({}).describe('What is asked besides the health of instances, by names of your own'),
  checkins: checkins.default({}).describe('Jobs that must call an address, by names of your own'),
  jobs: jobs.default({}).describe('Commands that run by a schedule, by names of your own'),
  retention: retention
    .default({})
    .describe('Which rows are archived, anonymised or deleted after a time, by names of your own'),
  runbooks: runbooks
    .default({})
    .describe('Runbooks marked safe that run by themselves when something is wrong, by their names'),
  statusPage: statusPage
    .optional()
    .describe('A public page that says how the app is, which stays up when the app is down'),
  messages: messages
    .optional()
    .describe('By which channels the app writes to people, from templates in messages/; default: by none'),
  security: security.optional().describe('Which findings of `inn security check` are meant to be so'),
  env: env.default({}).describe('Of all services'),
  environments: environments
    .optional()
    .describe('What is different in an environment: any key of this file but name, by names of your own'),
  protection: protection.optional().describe('What deploys and promotions have to keep to'),
  previews: previews.optional().describe('How previews of branches are: `inn preview up`'),
  sleep: z
    .union([z.literal(false), duration])
    .default(false)
    .describe(
      'Stopped when nobody asked for so long, and started by the next request. For what works by itself, as bots do: false',
    ),
  watch: duration
    .default(30_000)
    .describe('After the switch; errors, restarts or slowness turn back by themselves'),
  warm: duration.default(600_000).describe('How long the old side keeps running, for an instant rollback'),
  keep: z.number().int().min(2).max(50).default(5).describe('Releases whose files are kept'),
  rebuild: z
    .union([z.literal(false), rebuild])
    .prefault({})
    .describe('What serves is built from nothing and compared, beside it; false: never'),
  buildMemory: sizeFrom(128, 'an install takes')
    .optional()
    .describe('Most that one build may take; default: half of what is free, 2GB at least'),
  buildTimeout: duration.default(1_200_000).describe('Longest that one command of a build may take'),
  maxBody: size.default(50 * 1024 ** 2).describe('Largest request'),
  timeout: duration.default(60_000).describe('How long the app may take for an answer'),
})
export type ConfigInput = z.output<typeof ConfigFile>
