import { databaseNames, poolerName } from '../apps/app/names.ts'
import { PASSWORDS } from '../apps/databases/access.ts'
import { instancesOf } from '../apps/deploys/plan.ts'
import { currentReleases } from '../apps/releases/current.ts'
import { pgbouncer } from '../drivers/pgbouncer/pgbouncer.ts'
import { Secret } from '../kernel/secret.ts'
import type { Needs } from '../watch/pooling/open.ts'
import type { Keeper } from './wire.ts'

/** The poolers of apps, each asked at its console. */
export function wirePooling({ apps, releases }: Pick<Keeper, 'apps' | 'releases'>): Needs['pooling'] {
  return {
    apps: async () =>
      (await currentReleases({ apps, releases })).flatMap(({ app, release }) =>
        app.state === 'running' && release.config.database?.pooling !== undefined ? [app.name] : [],
      ),
    async facts(name) {
      const found = (await currentReleases({ apps, releases })).find(({ app }) => app.name === name)
      const pooling = found?.release.config.database?.pooling
      const port = (await apps.ports()).get(poolerName(name))
      const password = (await apps.secrets(name))[PASSWORDS.pooler]
      if (found === undefined || pooling === undefined || port === undefined || password === undefined)
        return null
      const { app, release } = found
      const [env] = Object.values(await releases.env(name, release.id))
      const counts = await pgbouncer.counts(
        { port, password: new Secret(password) },
        databaseNames(name).database,
      )
      return {
        ...{ app: name, ...pooling, ...counts },
        processes: release.config.services.reduce((sum, service) => sum + instancesOf(app, service), 0),
        poolSize: Number(env?.['DATABASE_POOL_SIZE'] ?? 0),
      }
    },
  }
}
