import { createHash } from 'node:crypto'

/** The environment of an app when nobody says another one. */
export const PRODUCTION = 'production'

/** Which app: its name and environment. */
export interface AppId {
  name: string
  environment: string
}

/** The key of an app, as people, plans, paths, rows and addresses have it: `shop`, and `shop@staging`. Only this file looks inside. */
export const appKey = ({ name, environment }: AppId): string =>
  environment === PRODUCTION ? name : `${name}@${environment}`

export function parseApp(key: string): AppId {
  const [name, environment = PRODUCTION] = key.split('@')
  return { name: name!, environment }
}

/** What previews share: secrets, roles, and what `environments.preview` says. It is never deployed itself. */
export const PREVIEW = 'preview'

const PREVIEW_OF = `${PREVIEW}-`

/** Longest name of a preview: paths of sockets and names of hosts are made of it. */
const LONGEST_PREVIEW = 20

/** The environment of the preview with this name: `preview-pr-12`. */
export const previewEnvironment = (name: string): string => `${PREVIEW_OF}${name}`

/** Small letters, digits and -, as in the name of a host. */
const PREVIEW_NAME = /^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/

/** The name of the preview that an environment is; null: it is none. */
export function previewOf(environment: string): string | null {
  const name = environment.startsWith(PREVIEW_OF) ? environment.slice(PREVIEW_OF.length) : ''
  return PREVIEW_NAME.test(name) ? name : null
}

/**
 * The name of the preview of a branch: `feature/Login` is feature-login. What is too long is cut, and gets letters of
 * its digest; null: no letter or digit is in it.
 */
export function previewName(branch: string): string | null {
  const name = branch
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (name.length <= LONGEST_PREVIEW) return name === '' ? null : name
  const digest = createHash('sha256').update(branch).digest('hex').slice(0, 6)
  return `${name.slice(0, LONGEST_PREVIEW - 7).replace(/-+$/, '')}-${digest}`
}

/** The app whose secrets and roles a preview has: `shop@preview`; null: this app is no preview. */
export function sharedByPreviews(key: string): string | null {
  const { name, environment } = parseApp(key)
  return previewOf(environment) === null ? null : appKey({ name, environment: PREVIEW })
}

/** Apps by name, and the environments of one beside each other, production first. */
export function compareApps(a: string, b: string): number {
  const [one, two] = [a, b].map(key => {
    const { name, environment } = parseApp(key)
    return [name, environment === PRODUCTION ? '' : environment]
  })
  const differs = one!.findIndex((part, i) => part !== two![i])
  if (differs === -1) return 0
  return one![differs]! < two![differs]! ? -1 : 1
}
