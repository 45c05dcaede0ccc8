import { accessOf, PASSWORDS } from '../databases/access.ts'
import { databaseUrl } from '../databases/cluster.ts'
import { findMigrations, listMigrations } from '../databases/migrations.ts'
import { builtIn, type Release } from '../releases/release.ts'
import type { DeployPorts } from './ports.ts'
import type { SchemaNow } from './schema-rule.ts'

type Ports = Pick<DeployPorts, 'home' | 'apps' | 'releases' | 'clusters' | 'source' | 'database'>

/** Asks the app's database which migrations of these releases it has; null: it has none, or cannot be asked. */
export async function schemaNow(
  ports: Ports,
  app: string,
  releases: readonly Release[],
): Promise<SchemaNow | null> {
  const places = await Promise.all(
    releases.map(async release => {
      const { tree } = ports.home.app(app).release(builtIn(release))
      const place = await findMigrations(release.config, ports.source(tree)).catch(() => null)
      return { id: release.id, place }
    }),
  )
  const known = places.flatMap(({ id, place }) => (place === null ? [] : [{ id, place }]))
  if (known.length === 0) return new Map()
  try {
    const url = await addressOf(ports, app, releases)
    if (url === null) return null
    return await ports.database(url, async query => {
      const found: Array<[string, Awaited<ReturnType<typeof listMigrations>>]> = []
      for (const { id, place } of known) found.push([id, await listMigrations(place, query)])
      return new Map(found)
    })
  } catch {
    // A plan is made also while the database is down; it says that it was not asked.
    return null
  }
}

async function addressOf(ports: Ports, app: string, releases: readonly Release[]): Promise<string | null> {
  const port = await ports.clusters.of(app).port()
  const secrets = await ports.apps.secrets(app)
  if (port !== null && secrets[PASSWORDS.owner] !== undefined)
    return databaseUrl(accessOf(app, port, secrets), 'owner')
  for (const { id } of releases) {
    const env = Object.values(await ports.releases.env(app, id)).find(
      one => one['DATABASE_URL'] !== undefined,
    )
    if (env !== undefined) return env['DATABASE_URL']!
  }
  return null
}
