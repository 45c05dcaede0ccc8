import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'

/** The cluster of an app, and the place that it comes back from. */
export interface ClusterAt {
  app: string
  place: string
  /** Label of the backup from which its log leads to the end. */
  backup: string
}

/** A folder of an app, and the snapshot that it comes back from. */
export interface FolderAt {
  app: string
  place: string
  snapshot: string
  of: 'files' | 'releases' | 'redis'
}

/** The steps that bring a whole server back, as data. Each may run twice. */
export type RecoveryStep =
  /** Everything that lies at the places, at once: the slowest of it is how long it takes. */
  | { kind: 'recover.data'; clusters: readonly ClusterAt[]; folders: readonly FolderAt[] }
  | { kind: 'recover.aside'; app: string; aside: string }
  | { kind: 'recover.back'; app: string; aside: string }

const WORDS = { files: 'files', releases: 'releases', redis: 'Redis keys' } as const

export const recoverySentences: Sentences<RecoveryStep> = {
  'recover.data': s =>
    `restore ${list([...clustersIn(s.clusters), ...foldersIn(s.folders)])}${s.clusters.length === 0 ? '' : ', databases to the last archived moment'}`,
  'recover.aside': s =>
    `stop the PostgreSQL of ${s.app}, and put what is left of its files aside as ${s.aside}`,
  'recover.back': s => `put the files of the PostgreSQL of ${s.app} back, and start it`,
}

const clustersIn = (clusters: readonly ClusterAt[]): string[] =>
  clusters.map(({ app, place }) => `the PostgreSQL of ${app} from ${place}`)

const foldersIn = (folders: readonly FolderAt[]): string[] =>
  [...Map.groupBy(folders, ({ app, place }) => `of ${app} from ${place}`)].map(
    ([whose, own]) => `the ${list(own.map(({ of }) => WORDS[of]))} ${whose}`,
  )
