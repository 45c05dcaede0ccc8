import { createHash } from 'node:crypto'
import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import { resolveMore } from './environment.ts'

/** All that builds of one source see. */
export interface BuildSight {
  config: AppConfig
  /** The services that are built, in this order: in one folder a build sees what an earlier one left. */
  services: readonly string[]
  secrets: Readonly<Record<string, string>>
  /** Digest of the source without innkeeper.yaml. */
  source: string
  /** What else takes part: versions of Node.js, of the package managers, of the system. */
  toolchain: string
}

/**
 * A digest of all that builds see. Two sources with the same key lead to the same files, as far as a build does not
 * ask the network. It is made of secrets too (`buildEnv`), so it stays in the store.
 */
export function buildKey({ config, services, secrets, source, toolchain }: BuildSight): string {
  const all = recipesOf({ config, secrets })
  const recipes = services.map(name => {
    const { buildEnv, ...recipe } = all.find(one => one.name === name)!
    return { ...recipe, env: sorted(buildEnv) }
  })
  return createHash('sha256').update(JSON.stringify({ source, toolchain, recipes })).digest('hex')
}

/** What decides of each service which files its build leaves, with the values of its environment. */
export const recipesOf = ({ config, secrets }: Pick<BuildSight, 'config' | 'secrets'>) =>
  config.services.map(service => ({
    ...recipeOf(service),
    buildEnv: resolveMore(service.buildEnv, { secrets }),
  }))

/** What of a service decides which files its build leaves, and where. */
const recipeOf = (service: ServiceConfig) => ({
  name: service.name,
  kind: service.kind,
  root: service.root,
  static: service.static ?? null,
  persist: service.persist,
  node: service.node,
  packageManager: service.packageManager ?? null,
  install: service.install ?? null,
  build: service.build,
  devDependencies: service.devDependencies ?? null,
})

const sorted = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))
