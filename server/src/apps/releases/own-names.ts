import { parseApp } from '../../config/app-key.ts'
import { type AppConfig, serviceOf } from '../../config/config.ts'
import type { Deployment } from '../app/app.ts'
import { slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'

interface Place {
  app: string
  release: string
  service: string
  colour: Deployment['colour']
}

/** What tells a program of an app which app it is of. */
export function whoseEnv(app: string): Record<string, string> {
  const { name, environment } = parseApp(app)
  return { INNKEEPER_APP: name, INNKEEPER_ENVIRONMENT: environment }
}

/**
 * What an instance has of us besides its environment, so that an app which checks its variables when it is loaded can
 * migrate, and run a single command, too. The port is that of the first instance in this colour.
 */
export async function ownNames(
  { ports }: Pick<AppStore, 'ports'>,
  { app, release, service, colour }: Place,
  config: AppConfig,
): Promise<Record<string, string>> {
  const port = (await ports()).get(slotName({ app, service, colour, n: 1 }))
  return {
    ...(serviceOf(config, service).kind !== 'web' || port === undefined ? {} : { PORT: String(port) }),
    ...whoseEnv(app),
    INNKEEPER_SERVICE: service,
    INNKEEPER_RELEASE: release,
  }
}
