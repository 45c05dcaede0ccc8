import { normalize } from 'node:path'
import { appKey, parseApp, sharedByPreviews } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { DeployPorts } from './ports.ts'
import { neededBy } from './secrets.ts'
import type { DeployRequest } from './wire.ts'

/** Reads one file of an uploaded archive: a plan needs the configuration in it. null: the archive has no such file. */
export type ReadUpload = (archive: string, file: string) => Promise<string | null>

/** The configuration that a request brings: as text for a plan alone, else in its upload. */
export async function configOf(
  ports: Pick<DeployPorts, 'home'>,
  readUpload: ReadUpload,
  { name, request }: { name: string; request: DeployRequest },
): Promise<AppConfig> {
  const id = parseApp(name)
  const config = readConfigOrFail(await textOf(ports, readUpload, request), id.environment)
  if (appKey({ ...id, name: config.name }) === name) return config
  throw new Failure('deploy.other-name', `the file is of ${config.name}, not of ${name}`, {
    why: 'name: in innkeeper.yaml says so',
    fix: `\`inn deploy\` in the folder of ${id.name}`,
  })
}

async function textOf(
  ports: Pick<DeployPorts, 'home'>,
  readUpload: ReadUpload,
  request: DeployRequest,
): Promise<string> {
  if (request.config !== undefined && request.plan) return request.config
  if (request.upload === undefined) {
    throw new Failure('deploy.no-source', 'there is nothing to deploy', {
      why: 'the request names no uploaded source',
      fix: 'PUT /api/uploads/SHA256 first, or use `inn deploy`',
    })
  }
  const text = await readUpload(ports.home.upload(request.upload), 'innkeeper.yaml')
  if (text !== null) return text
  throw new Failure('deploy.no-config', 'the source has no innkeeper.yaml', {
    why: 'it must stand at the top of the folder, and be tracked by git',
    fix: '`inn init` writes one; `git add innkeeper.yaml`',
  })
}

/** A place must not lie in the folder of an app: root writes to places, and must not follow a path that an app could prepare. */
export function checkReach({ home }: Pick<DeployPorts, 'home'>, { backups }: AppConfig): void {
  for (const [name, place] of Object.entries(backups.where ?? {})) {
    if (!('folder' in place && `${normalize(place.folder)}/`.startsWith(`${home.root}/apps/`))) continue
    throw new Failure('config.invalid', `the place ${name} lies in the folder of an app`, {
      why: `whoever is that app could put a link there: ${place.folder}`,
      fix: 'name a folder outside of the home of Innkeeper; without where: there is one already',
    })
  }
}

/** A place for backups receives the data of every app, and root writes there. Adding one takes more rights than a deploy. */
export async function checkPlaces(
  ports: Pick<DeployPorts, 'newPlaces'>,
  app: Parameters<DeployPorts['newPlaces']>[0],
): Promise<void> {
  const added = await ports.newPlaces(app)
  if (added.length === 0) return
  throw new Failure('access.forbidden', `only an admin may add a place for backups: ${list(added)}`, {
    why: 'it would receive the data of all apps of this server, and root would write there',
    fix: 'let an admin deploy this once; afterwards the place is known',
  })
}

const filesOf = ({ tls }: AppConfig): string[] => {
  if (tls === false) return []
  return 'certificate' in tls ? [tls.certificate, tls.key] : [tls.root ?? [], tls.fallback?.root ?? []].flat()
}

/** Root reads these files. Whoever may name any of them has the edge speak with the key of somebody else. */
export async function checkFiles(
  { releases }: Pick<DeployPorts, 'releases'>,
  { app, config }: { app: string; config: AppConfig },
): Promise<void> {
  const named = filesOf(config)
  if (named.length === 0) return
  const served = (await releases.list(app)).filter(release => release.state === 'ready')
  const known = new Set(served.flatMap(release => filesOf(release.config)))
  const added = named.filter(path => !known.has(path))
  if (added.length === 0) return
  throw new Failure('access.forbidden', `only an admin may name files of this server: ${list(added)}`, {
    why: 'root reads them, and the edge would speak with that certificate and key',
    fix: 'let an admin deploy this once; afterwards they are known',
  })
}

/** Prometheus would refuse all rules of the home with one that it cannot read. */
export async function checkAlerts(
  { alertsProblem }: Pick<DeployPorts, 'alertsProblem'>,
  { app, config }: { app: string; config: AppConfig },
): Promise<void> {
  const why = config.alerts.length === 0 ? null : await alertsProblem(app, config.alerts)
  if (why === null) return
  throw new Failure('config.alerts', 'Prometheus refuses `alerts:` of innkeeper.yaml', {
    why,
    fix: 'correct the query that it names, then deploy again',
  })
}

/** A channel may be added after the deploy, so that one which is not there is no mistake yet. */
export async function channelNotices(
  { channels }: Pick<DeployPorts, 'channels'>,
  { alerts, statusPage }: Pick<AppConfig, 'alerts' | 'statusPage'>,
): Promise<string[]> {
  const named = [...new Set(alerts.flatMap(({ channel }) => channel ?? []))]
  const mail = statusPage?.mail
  if (named.length === 0 && mail === undefined) return []
  const known = await channels()
  const missing = named.filter(name => !known.includes(name))
  const mute = mail !== undefined && !known.includes(mail)
  return [
    ...(missing.length === 0 ? [] : [nowhere(missing)]),
    ...(mute
      ? [
          `statusPage: names the channel ${mail}, and there is none: until \`inn notify add ${mail} --email …\` brings it, nobody can subscribe`,
        ]
      : []),
  ]
}

const nowhere = (missing: readonly string[]): string =>
  `alerts: names ${list(missing)}, and there is no such channel: until \`inn notify add\` brings it, those alerts go where all others of their severity go`

/** An admin may allow it after the deploy; until then the app sends nothing. */
export async function messageNotices(
  { granted }: Pick<DeployPorts, 'granted'>,
  { app, config: { messages } }: { app: string; config: Pick<AppConfig, 'messages'> },
): Promise<string[]> {
  const named = [...new Set([messages?.email ?? [], messages?.telegram ?? []].flat())]
  if (named.length === 0) return []
  const may = await granted(app)
  const key = sharedByPreviews(app) ?? app
  return named
    .filter(channel => !may.includes(channel))
    .map(
      channel =>
        `messages: names ${channel}, by which ${key} may not send: until \`inn outbox allow ${channel} --app ${key}\` nothing goes`,
    )
}

/** Refuses a deploy that lacks a value for an `env` entry, before anything is built. */
export function checkGiven(app: string, config: AppConfig, secrets: Readonly<Record<string, string>>): void {
  const missing = neededBy(config, secrets)
  if (missing.length === 0) return
  throw new Failure('env.missing', `${list(missing)} ${missing.length === 1 ? 'has' : 'have'} no value`, {
    why: 'innkeeper.yaml says that whoever deploys gives it (from:), and it was never given',
    fix: `\`inn secrets set ${missing[0]}${app === config.name ? '' : ` --app ${sharedByPreviews(app) ?? app}`}\` asks for it, \`inn secrets import FILE\` takes several; or \`inn deploy --env-file FILE\``,
    facts: { names: missing },
  })
}
