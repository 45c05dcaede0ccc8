import { previewOf } from './app-key.ts'
import { NO_BACKUPS } from './backups.ts'
import type { AppConfig } from './config.ts'
import type { Previews } from './previews.ts'

/** The secret with which visitors of a preview sign in, and the name that they give. */
export const PREVIEW_LOGIN = { user: 'preview', password: { from: 'PREVIEW_PASSWORD' } } as const

/** How the previews of an app are. `tls`: that of the app which serves; a branch names no files of the server. */
export interface PreviewRules extends Previews {
  tls?: AppConfig['tls']
}

/** Connections to the database that a preview has: few look at it at once. */
const CONNECTIONS = 10

/**
 * The configuration of a preview: what its branch says, held to the rules. It has one instance of each service, no
 * backups, and nobody is told of it; what it may take of the server is bounded.
 */
export function asPreview(config: AppConfig, rules: PreviewRules, environment: string): AppConfig {
  const name = previewOf(environment)
  if (name === null) return config
  const { domain, password, memory } = rules
  const { protection: _, statusPage: __, basicAuth, ...branch } = config
  const login = domain !== undefined && password ? PREVIEW_LOGIN : basicAuth
  return {
    ...branch,
    domains: domain === undefined ? [] : [`${name}.${domain}`],
    redirects: {},
    tls: rules.tls ?? config.tls,
    ...(login === undefined ? {} : { basicAuth: login }),
    headers: { 'X-Robots-Tag': 'noindex', ...config.headers },
    services: config.services.map(service => ({
      ...service,
      instances: 1,
      memory: Math.min(service.memory ?? memory, memory),
    })),
    ...(config.database === undefined
      ? {}
      : {
          database: fewer(config.database),
        }),
    backups: { ...config.backups, ...NO_BACKUPS },
    rebuild: false,
    alerts: [],
    probes: {},
    checkins: {},
    jobs: bounded(config.jobs, memory),
    retention: {},
    watch: 0,
    warm: 0,
    keep: 2,
    sleep: rules.sleep,
    preview: { ttl: rules.ttl, database: rules.database },
  }
}

function fewer({ pooling, ...database }: NonNullable<AppConfig['database']>) {
  const connections = Math.min(database.connections, CONNECTIONS)
  return {
    ...{ ...database, connections },
    ...(pooling === undefined ? {} : { pooling: { ...pooling, size: Math.min(pooling.size, connections) } }),
  }
}

/** What a job of a preview may take is bounded as its services are, and nobody waits for it. */
const bounded = (jobs: AppConfig['jobs'], memory: number): AppConfig['jobs'] =>
  Object.fromEntries(
    Object.entries(jobs).map(([name, job]) => [
      name,
      { ...job, memory: Math.min(job.memory ?? memory, memory), expect: false as const },
    ]),
  )
