import type { EnvValue } from './fields.ts'
import type { Previews } from './previews.ts'
import type { ConfigInput } from './schema.ts'

export type Env = Record<string, EnvValue>
export type ServiceConfig = ConfigInput['services'][string] & {
  name: string
  kind: 'web' | 'worker' | 'static'
}
export type HealthConfig = ServiceConfig['health']
/** What `migrations:` says where it is not `false`. */
export type MigrationsConfig = Exclude<ConfigInput['migrations'], false | undefined>
export type MigrationTool = NonNullable<MigrationsConfig['tool']>
export type ReleaseStepConfig = {
  command: string[]
  service: string
  timeout: number
  lockTimeout: number
  blockTimeout: number
  env: Env
}

export type SeedConfig = Pick<ReleaseStepConfig, 'command' | 'service' | 'timeout'>

/** innkeeper.yaml as one environment has it, after all checks, with every default filled in. It is plain JSON, because it is stored with the release. */
export interface AppConfig
  extends Omit<ConfigInput, 'services' | 'routes' | 'release' | 'seed' | 'environments'> {
  services: ServiceConfig[]
  /** Longest prefix first. */
  routes: Array<{ prefix: string; service: string }>
  release: ReleaseStepConfig | null
  seed: SeedConfig | null
  /** What makes it a preview; null: it is none. `ttl`: milliseconds after its last deploy. */
  preview: Pick<Previews, 'ttl' | 'database'> | null
}

/** The service with that name. It must exist: the configuration was checked. */
export function serviceOf(config: AppConfig, name: string): ServiceConfig {
  const found = config.services.find(service => service.name === name)
  if (found === undefined) throw new Error(`no service ${name} in ${config.name}`)
  return found
}

/** Whether a service must never run twice at the same time. */
export const isSingleton = (config: AppConfig, service: string): boolean =>
  serviceOf(config, service).singleton
