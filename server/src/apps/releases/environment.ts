import type { AppConfig, Env } from '../../config/config.ts'
import { APP_TOKEN, SOCKET_VARIABLE, TOKEN_VARIABLE } from '../../config/messages.ts'
import { checkinSecret, checkinVariable } from '../../config/probes.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { poolSize } from '../databases/pooling.ts'
import type { ReleaseEnv } from './release.ts'
import { secretOf } from './secret-uses.ts'

export interface EnvSources {
  /** Name → secret of the app that was given or generated before. */
  secrets: Readonly<Record<string, string>>
  /** Variable → secret: whoever has the secret gets what is kept under the variable's name, too. */
  previous?: Readonly<Record<string, string>>
  /** `postgresql://…` as the app's role, or null. */
  databaseUrl: string | null
  /** The same past the pooler; null: there is no pooler. */
  directUrl: string | null
  redisUrl: string | null
  /** The address that the job with this token calls. */
  checkinUrl: (token: string) => string
  /** The path of the socket at which the app reaches the keeper. */
  socket: string
  /** Makes a new strong secret with this number of characters. */
  generate: (length: number) => string
}

/** Name under which a secret of the app is kept: those of `env` keep their own name. */
export interface ResolvedEnv {
  env: ReleaseEnv
  /** All secrets, also the newly made ones. They are stored before the release is. */
  secrets: Record<string, string>
}

/** The whole environment of each service, from innkeeper.yaml, the app's secrets and its connection URLs. */
export function resolveEnv(
  config: AppConfig,
  instances: Readonly<Record<string, number>>,
  sources: EnvSources,
): ResolvedEnv {
  const secrets = { ...sources.secrets }
  const { generate } = sources
  const missing = new Set<string>()
  const urls: Urls = { database: sources.databaseUrl, direct: sources.directUrl, redis: sources.redisUrl }
  const values = (env: Env): Record<string, string> => {
    const found = resolveAll(env, { secrets, urls, generate })
    for (const name of Object.keys(env).filter(key => found[key] === undefined))
      missing.add(secretOf(name, env[name]) ?? name)
    return found
  }
  // A database or Redis with a url of its own takes the place of the one that Innkeeper runs.
  const given = values({
    ...(config.database?.url === undefined ? {} : { DATABASE_URL: config.database.url }),
    ...(typeof config.redis === 'object' ? { REDIS_URL: config.redis.url } : {}),
  })
  urls.database = given['DATABASE_URL'] ?? urls.database
  urls.redis = given['REDIS_URL'] ?? urls.redis
  const shared = {
    ...earlierValues(config.env, sources),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    ...connection('DATABASE_URL', urls.database),
    ...connection('DIRECT_DATABASE_URL', urls.direct),
    ...connection('REDIS_URL', urls.redis),
    ...pool(config, instances),
    ...checkinUrls(config, secrets, sources),
    ...keeperAddress(config, secrets, sources),
    ...values(config.env),
  }
  const env = Object.fromEntries(
    config.services.map(s => [s.name, { ...earlierValues(s.env, sources), ...shared, ...values(s.env) }]),
  )
  if (missing.size > 0) throw notGiven([...missing])
  return { env, secrets }
}

/** Earlier values of the secrets in `env`, in variables of their own. */
const earlierValues = (env: Env, { previous = {}, secrets }: EnvSources): Record<string, string> =>
  Object.fromEntries(
    Object.entries(previous).flatMap(([variable, secret]) => {
      const has = Object.entries(env).some(([name, value]) => secretOf(name, value) === secret)
      return has && secrets[variable] !== undefined ? [[variable, secrets[variable]]] : []
    }),
  )

/** The addresses that jobs call. A token is kept, so that an earlier release calls the same. */
function checkinUrls(
  { checkins }: AppConfig,
  secrets: Record<string, string>,
  { checkinUrl, generate }: EnvSources,
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(checkins).map(name => {
      secrets[checkinSecret(name)] ??= generate(TOKEN_LETTERS)
      return [checkinVariable(name), checkinUrl(secrets[checkinSecret(name)]!)]
    }),
  )
}

/** Where the app reaches the keeper, and by which token it is known there: one for all its releases. */
function keeperAddress(
  { messages }: AppConfig,
  secrets: Record<string, string>,
  { socket, generate }: EnvSources,
): Record<string, string> {
  if (messages === undefined) return {}
  secrets[APP_TOKEN] ??= generate(TOKEN_LETTERS)
  return { [SOCKET_VARIABLE]: socket, [TOKEN_VARIABLE]: secrets[APP_TOKEN] }
}

/** More than anybody can guess. */
const TOKEN_LETTERS = 40

/** The environment of a release step: that of the service, but it connects to the database as the owner. */
export function ownerEnv(
  config: AppConfig,
  service: string,
  { env, url }: { env: Readonly<Record<string, string>>; url: string },
): Record<string, string> {
  const own = config.services.find(s => s.name === service)
  const parts = Object.entries({ ...config.env, ...own?.env }).filter(
    ([, value]) => typeof value === 'object' && 'database' in value,
  )
  const again = resolveAll(Object.fromEntries(parts), {
    secrets: {},
    urls: { database: url, direct: null, redis: null },
    generate: () => '',
  })
  const direct = env['DIRECT_DATABASE_URL'] === undefined ? null : url
  return { ...env, DATABASE_URL: url, ...connection('DIRECT_DATABASE_URL', direct), ...again }
}

/** Resolves the environment of a build or a release step. Entries whose value is not known yet are left out. */
export function resolveMore(env: Env, sources: Pick<EnvSources, 'secrets'>): Record<string, string> {
  const known = Object.entries(env).filter(
    ([name, value]) =>
      !(typeof value === 'object' && 'generate' in value && sources.secrets[name] === undefined),
  )
  return resolveAll(Object.fromEntries(known), {
    secrets: { ...sources.secrets },
    urls: { database: null, direct: null, redis: null },
    generate: () => '',
  })
}

interface Urls {
  database: string | null
  /** null: it is `database`. */
  direct: string | null
  redis: string | null
}

interface Known {
  /** Newly generated secrets are added to it. */
  secrets: Record<string, string>
  urls: Urls
  generate: (length: number) => string
}

function resolveAll(env: Env, known: Known): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const found = resolveOne(name, value, known)
      return found === null ? [] : [[name, found]]
    }),
  )
}

function resolveOne(name: string, value: Env[string], { secrets, urls, generate }: Known): string | null {
  if (typeof value === 'string') return value
  if ('from' in value) return secrets[value.from] ?? null
  if ('database' in value) return ofDatabase(urls, value.database)
  if ('redis' in value) return part(urls.redis, value.redis)
  secrets[name] ??= generate(value.generate)
  return secrets[name]
}

const ofDatabase = ({ database, direct }: Urls, wanted: PartOfUrl | 'direct'): string | null =>
  wanted === 'direct' ? (direct ?? database) : part(database, wanted)

type PartOfUrl = 'url' | 'host' | 'port' | 'name' | 'user' | 'password'

/** One part of a connection URL, for apps that want the parts in separate variables. */
function part(url: string | null, wanted: PartOfUrl): string | null {
  if (url === null || wanted === 'url') return url
  const { hostname, port, pathname, username, password } = new URL(url)
  const parts = { host: hostname, port, name: pathname.slice(1), user: username, password }
  return decodeURIComponent(parts[wanted])
}

const connection = (name: string, url: string | null): Record<string, string> =>
  url === null ? {} : { [name]: url }

/** What each process may open, of those that may hold connections. */
function pool({ database }: AppConfig, instances: Readonly<Record<string, number>>): Record<string, string> {
  if (database === undefined) return {}
  const processes = Object.values(instances).reduce((sum, n) => sum + n, 0)
  return { DATABASE_POOL_SIZE: String(poolSize(database, processes)) }
}

function notGiven(names: string[]): Failure {
  return new Failure('env.missing', `${list(names)} ${names.length === 1 ? 'has' : 'have'} no value`, {
    why: 'innkeeper.yaml says that whoever deploys gives it (from:), and it was never given',
    fix: `\`inn secrets set ${names[0]}\` asks for it, \`inn secrets import FILE\` takes several; or \`inn deploy --env-file FILE\``,
    facts: { names },
  })
}
