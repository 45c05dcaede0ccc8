import type { AppConfig } from '../../config/config.ts'

/** What was deployed, whole and unchanging: source, built files, configuration, environment, routing. */
export interface Release {
  app: string
  /** r1, r2, … */
  id: string
  number: number
  state: 'building' | 'ready' | 'failed' | 'pruned'
  actor: string
  /** sha256 of the source archive. */
  source: string
  commit: string | null
  /** The branch that its source is of; null: it was not said. */
  branch?: string | null
  config: AppConfig
  /** Service → the release whose built files it runs; another one for a service that was left alone, and where the builds would see the same. */
  artifacts: Readonly<Record<string, string>>
  /** Service that its deploy left alone → the release as which it ran then, and goes on. */
  left: Readonly<Record<string, string>>
  /** Variable → secret whose earlier value services have in it, for as long as the grace of a rotation lasts. */
  previous?: Readonly<Record<string, string>>
  /** Migrations that the release step applied. */
  migrations: readonly string[]
  sizeBytes: number | null
  /** Digest of all that its builds see (`build-key.ts`); null: not known. */
  buildKey: string | null
  createdAt: number
}

/**
 * The release whose folder has the files that were built of this one's source: itself, or an earlier one whose build
 * saw the same.
 */
export function builtIn({ id, artifacts, config }: Pick<Release, 'id' | 'artifacts' | 'config'>): string {
  if (Object.values(artifacts).includes(id)) return id
  return artifacts[config.release?.service ?? config.services[0]!.name] ?? id
}

/** Whether it was built, and its folder has the files. */
export const isBuilt = (release: Release): boolean =>
  release.state === 'ready' && builtIn(release) === release.id

/** Service → its whole environment, without what differs between instances (PORT). Holds secrets. */
export type ReleaseEnv = Readonly<Record<string, Readonly<Record<string, string>>>>
