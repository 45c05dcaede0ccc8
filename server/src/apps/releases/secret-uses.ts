import type { AppConfig, Env } from '../../config/config.ts'

/** Something of an app that reads a secret. */
export interface SecretUse {
  /** The name under which the secret is kept. */
  secret: string
  /** Who reads it: a service, or in words. */
  by: string
  /** When another value arrives there: as soon as instances start again, or with the next build. */
  when: 'start' | 'build'
  /** Characters that are generated when there is none yet; null: somebody has to give it. */
  generated: number | null
}

/** Everything that reads secrets of an app by the words of its configuration. */
export function secretUses(config: AppConfig): SecretUse[] {
  const of = (by: string, env: Env | object, when: SecretUse['when'] = 'start') =>
    Object.entries(env).flatMap(([name, value]) => useOf(name, value, { by, when }))
  const { database, redis } = config
  const processes = config.services.filter(s => s.kind !== 'static')
  return [
    ...processes.flatMap(s => of(s.name, { ...config.env, ...s.env })),
    ...(processes.length === 0 ? of('innkeeper.yaml', config.env) : []),
    ...config.services.flatMap(s => (s.kind === 'static' ? of(s.name, s.env) : [])),
    ...config.services.flatMap(s => of(`the build of ${s.name}`, s.buildEnv, 'build')),
    ...of('the release step', config.release?.env ?? {}, 'build'),
    ...of('the database', database?.url === undefined ? {} : { DATABASE_URL: database.url }),
    ...of('Redis', typeof redis === 'object' ? { REDIS_URL: redis.url } : {}),
    ...Object.values(config.backups.where ?? {}).flatMap(place =>
      's3' in place ? of('backups', { keyId: place.s3.keyId, secret: place.s3.secret }) : [],
    ),
    ...(config.basicAuth === undefined
      ? []
      : of('the sign-in of the site', { password: config.basicAuth.password })),
    ...tlsEnvs(config).flatMap(env => of('TLS', env)),
    ...Object.values(config.probes).flatMap(({ http, postgres, redis }) =>
      of(
        'probes',
        Object.fromEntries(
          Object.entries({ http, postgres, redis }).filter(([, value]) => value !== undefined),
        ),
      ),
    ),
  ]
}

const tlsEnvs = ({ tls }: AppConfig): object[] =>
  tls === false || 'certificate' in tls
    ? []
    : [tls.account ?? {}, tls.fallback?.account ?? {}, tls.dns?.env ?? {}]

function useOf(name: string, value: unknown, how: Pick<SecretUse, 'by' | 'when'>): SecretUse[] {
  const secret = secretOf(name, value)
  if (secret === null) return []
  const { generate = null } = value as { generate?: number }
  return [{ ...how, secret, generated: generate }]
}

/** The name under which the value of a variable is kept as a secret: `from:`, or its own; null: it is no secret of its own. */
export function secretOf(name: string, value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  if ('from' in value) return String(value.from)
  return 'generate' in value ? name : null
}
