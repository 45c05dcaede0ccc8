import type { Sentences } from '../../engine/plan.ts'

/** The steps that bring a whole server back, as data. Each may run twice. */
export type RecoveryStep =
  | { kind: 'recover.cluster'; place: string }
  | { kind: 'recover.aside'; data: string; aside: string }
  | { kind: 'recover.back'; data: string; aside: string }
  | {
      kind: 'recover.folder'
      app: string
      place: string
      snapshot: string
      of: 'files' | 'releases' | 'redis'
    }

const WORDS = { files: 'files', releases: 'releases', redis: 'Redis keys' } as const

export const recoverySentences: Sentences<RecoveryStep> = {
  'recover.cluster': s => `restore PostgreSQL from ${s.place}, to its last archived moment`,
  'recover.aside': s => `stop PostgreSQL, and put what is left of its files aside as ${s.aside}`,
  'recover.back': () => 'put the files of PostgreSQL back, and start it',
  'recover.folder': s => `restore the ${WORDS[s.of]} of ${s.app} from ${s.place}`,
}
