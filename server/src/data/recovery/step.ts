import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'

/** The cluster of an app, and the place that it comes back from. */
export interface ClusterAt {
  app: string
  place: string
  /** Label of the backup from which its log leads to the end. */
  backup: string
}

/** The steps that bring a whole server back, as data. Each may run twice. */
export type RecoveryStep =
  | { kind: 'recover.clusters'; clusters: readonly ClusterAt[] }
  | { kind: 'recover.aside'; app: string; aside: string }
  | { kind: 'recover.back'; app: string; aside: string }
  | {
      kind: 'recover.folder'
      app: string
      place: string
      snapshot: string
      of: 'files' | 'releases' | 'redis'
    }

const WORDS = { files: 'files', releases: 'releases', redis: 'Redis keys' } as const

export const recoverySentences: Sentences<RecoveryStep> = {
  'recover.clusters': s =>
    `restore the PostgreSQL of ${list(s.clusters.map(({ app, place }) => `${app} from ${place}`))}, to the last archived moment`,
  'recover.aside': s =>
    `stop the PostgreSQL of ${s.app}, and put what is left of its files aside as ${s.aside}`,
  'recover.back': s => `put the files of the PostgreSQL of ${s.app} back, and start it`,
  'recover.folder': s => `restore the ${WORDS[s.of]} of ${s.app} from ${s.place}`,
}
