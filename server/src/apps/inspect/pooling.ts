import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import type { PackageFacts } from './facts.ts'

const PAST = 'give this service the address past it: env: { DATABASE_URL: { database: direct } }'
const LISTENS = `waits for LISTEN, and nothing arrives behind a pooler: let it use DIRECT_DATABASE_URL, or ${PAST}`
const OLD = 'behind PgBouncer before 1.21 (Debian 12)'

/** Packages that do not work behind a pooler as they are, with what they need. `unless`: a package that makes the difference. */
const NEEDS: ReadonlyArray<{ name: string; needs: string; unless?: string }> = [
  { name: 'pg-listen', needs: LISTENS },
  { name: 'graphile-worker', needs: LISTENS },
  { name: '@socket.io/postgres-adapter', needs: LISTENS },
  {
    name: 'postgres',
    needs: `names its statements, and transactions fail ${OLD}: postgres(url, { prepare: false })`,
  },
  {
    name: '@prisma/client',
    unless: '@prisma/adapter-pg',
    needs: `with its own engine names its statements, which fail ${OLD}: add ?pgbouncer=true to the url that it gets, or use @prisma/adapter-pg`,
  },
]

/** What the packages of a service need behind the app's pooler. */
export function behindPooler(
  { database, env }: AppConfig,
  service: ServiceConfig,
  { dependencies }: Pick<PackageFacts, 'dependencies'>,
): string[] {
  const address = service.env['DATABASE_URL'] ?? env['DATABASE_URL']
  const past = typeof address === 'object' && 'database' in address && address.database === 'direct'
  if (database?.pooling === undefined || past) return []
  return NEEDS.filter(
    ({ name, unless }) => dependencies.has(name) && (unless === undefined || !dependencies.has(unless)),
  ).map(({ name, needs }) => `${service.name}: ${name} ${needs} (docs/pooling.md)`)
}
