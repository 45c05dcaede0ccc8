import type { AppConfig } from '../../config/config.ts'
import type { App } from '../app/app.ts'
import { poolerName, redisName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { PASSWORDS } from '../databases/access.ts'
import { type Clusters, databaseUrl } from '../databases/cluster.ts'
import { urlThrough } from '../databases/url.ts'
import { resolveEnv } from '../releases/environment.ts'
import { type Managed, managed, type PasswordPorts, passwords } from './perform-provide.ts'
import { instancesOf } from './plan.ts'
import type { Machine, Records } from './ports.ts'

/** What the environment of a release is made from. */
export type EnvPorts = PasswordPorts &
  Pick<Records, 'home'> &
  Pick<Machine, 'checkinUrl' | 'clock'> & { apps: Pick<AppStore, 'ports' | 'keptSecrets'> } & {
    clusters: Clusters<Managed>
  }

/** The environment of each service, and which variables hold earlier values of secrets. New secrets are kept. */
export async function environment(ports: EnvPorts, app: App, config: AppConfig) {
  const known = await passwords(ports, app.name)
  const previous = previousOf(await ports.apps.keptSecrets(app.name), ports.clock.now())
  const access = config.database?.postgres
    ? await managed(ports, { app: app.name, major: config.database.major }, known)
    : null
  const given = await ports.apps.ports()
  const redisPort = given.get(redisName(app.name))
  const direct = access === null ? null : databaseUrl(access, config.database!.role)
  const pooled =
    config.database?.pooling === undefined ? null : urlThrough(direct!, given.get(poolerName(app.name))!)
  const resolved = resolveEnv(
    config,
    Object.fromEntries(config.services.map(s => [s.name, instancesOf(app, s)])),
    {
      secrets: known,
      previous,
      databaseUrl: pooled ?? direct,
      directUrl: pooled === null ? null : direct,
      redisUrl: config.redis === true ? `redis://:${known[PASSWORDS.redis]}@127.0.0.1:${redisPort}` : null,
      checkinUrl: token => ports.checkinUrl(token),
      socket: ports.home.app(app.name).socket,
      generate: length => ports.random(length),
    },
  )
  await ports.apps.keepSecrets(app.name, resolved.secrets)
  return { env: resolved.env, previous }
}

/** Variable → secret whose earlier value it has, of those whose time is not over. */
const previousOf = (
  kept: Awaited<ReturnType<AppStore['keptSecrets']>>,
  now: number,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(kept).flatMap(([name, { previous }]) =>
      previous === undefined || previous.until <= now ? [] : [[name, previous.of]],
    ),
  )
