import type { AppConfig, ServiceConfig } from '../../../config/config.ts'
import { quoteShell } from '../../../kernel/quote.ts'
import type { Facts, PackageFacts } from '../facts.ts'
import { join } from '../tree.ts'

/** What the test of a commit needs and does. */
export interface TestJob {
  node: number
  /** Lines for a POSIX shell, from the root of the repository. */
  lines: string[]
  /** Major version; null: no database. */
  postgres: number | null
  redis: boolean
  /** Of the app, for a database on this host. */
  env: (host: { postgres: string; redis: string }) => Record<string, string>
  notes: string[]
}

const NEWEST_POSTGRES = 17

export function testJob(config: AppConfig, facts: Facts): TestJob {
  const running = config.services.filter(service => service.kind !== 'static')
  const packages = [...new Set(config.services.map(service => packageOf(service, facts)))]
  const tests = packages.flatMap(pkg => testOf(pkg))
  const notes =
    tests.length > 0 ? [] : ['no package.json has a script "test": the workflow builds, and tests nothing']
  const wanted = config.services.flatMap(service =>
    Object.entries(service.buildEnv).flatMap(([name, value]) =>
      typeof value === 'object' && 'from' in value ? [name] : [],
    ),
  )
  if (wanted.length > 0)
    notes.push(
      `the build reads ${[...new Set(wanted)].join(', ')}: give the job "test" a value of each that is no secret`,
    )
  return {
    node: (running[0] ?? config.services[0]!).node,
    lines: [
      ...new Set(config.services.flatMap(service => installOf(service, packageOf(service, facts)))),
      ...new Set(config.services.flatMap(buildOf)),
      ...releaseOf(config),
      ...tests,
    ],
    postgres: config.database === undefined ? null : (config.database.major ?? NEWEST_POSTGRES),
    redis: config.redis !== undefined,
    env: host => envOf(config, host),
    notes,
  }
}

const packageOf = (service: ServiceConfig, facts: Facts): PackageFacts =>
  facts.packages.find(pkg => pkg.folder === service.root) ?? facts.packages.find(pkg => pkg.folder === '.')!

const at = (folder: string, line: string): string =>
  folder === '.' ? line : `(cd ${quoteShell(folder)} && ${line})`

const COREPACK = 'npm install --global corepack && corepack enable'

function installOf(service: ServiceConfig, pkg: PackageFacts): string[] {
  if (service.install === false) return []
  if (service.install !== undefined) return service.install.map(argv => at(service.root, words(argv)))
  if (pkg.lockfile === null) return []
  const manager = service.packageManager ?? pkg.manager
  if (manager === 'npm') return [at(pkg.lockfile, 'npm ci')]
  if (manager === 'pnpm') return [COREPACK, at(pkg.lockfile, 'pnpm install --frozen-lockfile')]
  const berry = pkg.files.includes(join(pkg.lockfile, '.yarnrc.yml'))
  return [COREPACK, at(pkg.lockfile, `yarn install ${berry ? '--immutable' : '--frozen-lockfile'}`)]
}

/** Innkeeper runs them without a shell, with the programs of the packages on the path. */
const buildOf = (service: ServiceConfig): string[] =>
  service.build.map(argv => at(service.root, withPrograms(argv)))

const withPrograms = (argv: readonly string[]): string => `PATH="$PWD/node_modules/.bin:$PATH" ${words(argv)}`

function releaseOf({ release, services }: AppConfig): string[] {
  if (release === null) return []
  const root = services.find(service => service.name === release.service)?.root ?? '.'
  return [at(root, withPrograms(release.command))]
}

const words = (argv: readonly string[]): string => argv.map(quoteShell).join(' ')

function testOf(pkg: PackageFacts): string[] {
  const line = pkg.scripts['test']
  if (line === undefined || /no test specified/.test(line)) return []
  return [at(pkg.folder, `${pkg.manager} run test`)]
}

/** The parts of connections under the names that the app reads, and plain values of builds. */
function envOf(config: AppConfig, host: { postgres: string; redis: string }): Record<string, string> {
  const postgres = { host: host.postgres, port: '5432', name: 'test', user: 'postgres', password: 'test' }
  const redis = { host: host.redis, port: '6379', password: '', url: `redis://${host.redis}:6379` }
  const url = `postgres://postgres:test@${host.postgres}:5432/test`
  const env: Record<string, string> = {}
  if (config.database !== undefined) env['DATABASE_URL'] = url
  if (config.database?.pooling !== undefined) env['DIRECT_DATABASE_URL'] = url
  if (config.redis !== undefined) env['REDIS_URL'] = redis.url
  for (const [name, value] of [config.env, ...config.services.map(one => one.env)].flatMap(of =>
    Object.entries(of),
  )) {
    if (typeof value !== 'object') continue
    if ('database' in value) env[name] = { ...postgres, url, direct: url }[value.database]
    if ('redis' in value) env[name] = redis[value.redis]
  }
  for (const [name, value] of config.services.flatMap(one => Object.entries(one.buildEnv)))
    if (typeof value === 'string') env[name] = value
  return env
}
