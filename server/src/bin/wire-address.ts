import { currentRelease } from '../apps/app/app.ts'
import { accessOf, PASSWORDS } from '../apps/databases/access.ts'
import { type Clusters, databaseUrl } from '../apps/databases/cluster.ts'
import type { OneOffPorts } from '../apps/releases/one-off.ts'
import type { CopiesPorts } from '../data/copies/ports.ts'
import { Failure } from '../kernel/failure.ts'
import type { Ground } from './ground.ts'

/** Where psql finds the database of an app that Innkeeper runs, or a copy of it. */
export const databaseAddress =
  ({
    copyPorts: { apps, lent },
    clusters,
  }: {
    copyPorts: CopiesPorts
    clusters: Clusters
  }): OneOffPorts['address'] =>
  async (app, { owner, copy: name }) => {
    const secrets = await apps.secrets(app)
    const copy = name === undefined ? null : await lent.get(name)
    if (copy !== null && copy.app !== app)
      throw new Failure('copy.unknown', `there is no copy ${copy.name} of ${app}`, {
        why: 'it is one of another app',
        fix: '`inn copies` lists them',
      })
    const port = copy?.port ?? (await clusters.of(app).port())
    if (port === null || secrets[PASSWORDS.app] === undefined) return null
    return databaseUrl(accessOf(app, port, secrets), owner ? 'owner' : 'app')
  }

/** The address that the release which serves is given, wherever its database is. null: it has none. */
export async function givenDatabase(
  { apps, releases }: Pick<Ground, 'apps' | 'releases'>,
  name: string,
): Promise<string | null> {
  const app = await apps.find(name)
  const release = app === null ? null : currentRelease(app)
  const env = release === null ? {} : await releases.env(name, release)
  return Object.values(env).flatMap(of => of['DATABASE_URL'] ?? [])[0] ?? null
}
