import { appKey, compareApps, PREVIEW, parseApp, previewOf, sharedByPreviews } from '../../config/app-key.ts'
import { asPreview, PREVIEW_LOGIN, type PreviewRules } from '../../config/as-preview.ts'
import type { AppConfig } from '../../config/config.ts'
import type { MaskedCopy } from '../../config/masks.ts'
import { type Previews, previews } from '../../config/previews.ts'
import { Failure } from '../../kernel/failure.ts'
import { currentRelease } from '../app/app.ts'
import { currentReleases } from '../releases/current.ts'
import type { Release } from '../releases/release.ts'
import type { DeployPorts } from './ports.ts'
import type { DeployRequest } from './wire.ts'

/** A deploy as it is planned. */
export interface Deployed {
  config: AppConfig
  request: DeployRequest
  /** What makes it a preview; null: it is none. */
  rules: PreviewRules | null
  /** The app that may already name the files of this server which the configuration names. */
  trusted: string
}

type Ports = Pick<DeployPorts, 'apps' | 'releases' | 'random'>

const DEFAULTS: Previews = previews.parse({})

/**
 * Of a preview: its configuration by the rules, and the secrets that all previews of the app share, which come as if
 * somebody had given them. What serves says the rules, so that a branch can neither change them nor get at what they
 * keep from it. Failure `preview.pattern`, `preview.many`.
 */
export async function asDeployed(
  ports: Ports,
  app: string,
  { config, request }: Pick<Deployed, 'config' | 'request'>,
): Promise<Deployed> {
  const { name, environment } = parseApp(app)
  if (environment === PREVIEW) throw pattern(name)
  const shared = sharedByPreviews(app)
  if (shared === null) return { config, request, rules: null, trusted: app }
  const base = await serving(ports, name)
  const rules: PreviewRules =
    base === null
      ? (config.previews ?? DEFAULTS)
      : { ...(base.config.previews ?? DEFAULTS), tls: base.config.tls }
  await checkRoom(ports, app, rules.most)
  const held = asPreview(config, rules, environment)
  const env = { ...(await sharedSecrets(ports, shared)), ...(await login(ports, app, held)), ...request.env }
  return { config: held, request: { ...request, env }, rules, trusted: base?.app ?? app }
}

/** Names with a colon are no variables: credentials of commands that say values, which stay where they are. */
const sharedSecrets = async ({ apps }: Ports, shared: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await apps.secrets(shared)).filter(([name]) => !name.includes(':')))

/** What serves of an app, production first; null: none of its environments does, but for previews. */
async function serving(ports: Ports, name: string): Promise<Release | null> {
  const all = (await currentReleases(ports)).filter(({ app }) => {
    const of = parseApp(app.name)
    return of.name === name && previewOf(of.environment) === null
  })
  return all.sort((a, b) => compareApps(a.app.name, b.app.name))[0]?.release ?? null
}

/** The password of its visitors, drawn when it is deployed first. */
async function login(
  { apps, random }: Ports,
  app: string,
  config: AppConfig,
): Promise<Record<string, string>> {
  const { from } = PREVIEW_LOGIN.password
  if (config.basicAuth?.password.from !== from) return {}
  return (await apps.secrets(app))[from] === undefined ? { [from]: random(16) } : {}
}

async function checkRoom({ apps }: Ports, app: string, most: number): Promise<void> {
  const shared = sharedByPreviews(app)
  const others = (await apps.all())
    .map(one => one.name)
    .filter(one => one !== app && sharedByPreviews(one) === shared)
  if (others.length < most) return
  throw new Failure('preview.many', `${parseApp(app).name} has ${others.length} previews already`, {
    why: `innkeeper.yaml of what serves says most: ${most} below previews:, or nothing, which means 10`,
    fix: '`inn preview list` shows them, `inn preview down NAME` removes one',
  })
}

/**
 * What the new database of a preview is a copy of; null: of none. Its rules come from what serves (`asDeployed`), and
 * where nothing serves there is nothing to copy. Failure `preview.copy-source`.
 */
export async function copiedFrom(
  { apps, releases }: Pick<Ports, 'apps' | 'releases'>,
  app: string,
  { preview, database }: AppConfig,
): Promise<{ from: string; mask: MaskedCopy['mask'] } | null> {
  const copy = preview?.database
  if (copy === undefined || typeof copy === 'string' || database?.postgres !== true) return null
  const { name } = parseApp(app)
  const from = appKey({ name, environment: copy.from })
  const source = previewOf(copy.from) === null ? await apps.find(from) : null
  const id = source === null ? null : currentRelease(source)
  const config = id === null ? null : (await releases.get(from, id)).config
  // Whoever may deploy the source decides what is copied of it, and nobody else.
  const own = config?.previews?.database
  const allowed = typeof own === 'object' && own.from === copy.from
  if (allowed && config?.database?.postgres === true) return { from, mask: own.mask }
  throw new Failure('preview.copy-source', `the database of a preview cannot be a copy of ${from}`, {
    why:
      previewOf(copy.from) !== null
        ? 'that is a preview itself'
        : config === null
          ? 'it does not serve on this server'
          : allowed
            ? 'it has no database here that Innkeeper runs'
            : 'the file that it was deployed with does not say so',
    fix: `deploy ${copy.from} with the same \`previews: database:\`, or name another environment there`,
  })
}

const pattern = (name: string): Failure =>
  new Failure('preview.pattern', `${name}@${PREVIEW} is what all previews share, and is not deployed`, {
    why: `environments.${PREVIEW} and the secrets of ${name}@${PREVIEW} are of each preview`,
    fix: '`inn preview up` deploys the branch that is checked out here',
  })
