import type { Sentences } from '../../engine/plan.ts'
import type { Target } from '../repositories/physical.ts'

/** Names of what a restore deals with: data folders of the app's cluster, or databases on the server of its `url:`. */
export interface Names {
  /** Name of the copy of the cluster. */
  copy: string
  /** What was restored beside and then takes its place. */
  fresh: string
  /** The name under which the earlier data stays. */
  aside: string
  /** They are databases on the server of the app's `url:`. */
  url?: true
  /** Files and Redis are all that changes place: the app has no database, or it stays as it is. */
  alone?: true
}

/** What is remembered of a restore, so that it can be undone. */
export interface SwapRecord {
  /** The moment in words. */
  says: string
  at: number
  snapshots: ReadonlyArray<'files' | 'redis'>
}

interface OfApp {
  app: string
}

interface Fetched {
  place: string
  target: Target
  copy: string
}

/** The steps that restore data, as data. Each may run twice. */
export type RestoreStep =
  | (OfApp & { kind: 'restore.check'; place: string; target: Target; at: number })
  | (OfApp & { kind: 'restore.check-dump'; bytes: number })
  | (OfApp & { kind: 'restore.check-files'; bytes: number })
  | (OfApp & { kind: 'restore.fetch'; says: string; port?: number; replaces?: true } & Fetched)
  | (OfApp & { kind: 'restore.fetch-dump'; place: string; snapshot: string; copy: string })
  | (OfApp & { kind: 'restore.reach'; copy: string; says: string })
  | (OfApp & { kind: 'restore.prove'; copy: string; point: string | null; release: string | null })
  | (OfApp & { kind: 'restore.settle' } & Names)
  | (OfApp & { kind: 'restore.fill' } & Names)
  | (OfApp & { kind: 'restore.verify'; release: string | null } & Names)
  /** `again`: the data served before. */
  | (OfApp & { kind: 'restore.swap'; record: SwapRecord; again?: true } & Names)
  | (OfApp & { kind: 'restore.swap-back' } & Names)
  /** Where no database changes place: what is put aside is noted, or not any more. */
  | (OfApp & { kind: 'restore.note'; record: SwapRecord } & Names)
  | (OfApp & { kind: 'restore.forget' } & Names)
  /** With the app that serves again: whether its release lacks migrations in the restored data. */
  | (OfApp & { kind: 'restore.tell'; release: string; url?: true })
  | (OfApp & { kind: 'restore.keep-log'; name: string })
  | (OfApp & { kind: 'restore.drop-fresh' } & Names)
  | (OfApp & { kind: 'restore.files'; place: string; snapshot: string; of: 'files' | 'redis' } & Names)
  | (OfApp & { kind: 'restore.files-swap'; of: 'files' | 'redis' } & Names)
  | (OfApp & { kind: 'restore.files-back'; of: 'files' | 'redis' } & Names)
  | (OfApp & { kind: 'restore.discard' } & Pick<Names, 'aside' | 'url' | 'alone'>)
  | (OfApp & { kind: 'copy.remove'; copy: string })

export const restoreSentences: Sentences<RestoreStep> = {
  'restore.check': s => `check that ${s.place} reaches that moment, and that there is room`,
  'restore.check-dump': s =>
    `check that the database of ${s.app} may be replaced, and that there is room for the dump`,
  'restore.check-files': s => `check that there is room for what comes back to ${s.app}`,
  'restore.fetch-dump': s =>
    `fetch the dump from ${s.place}, and check that the server of ${s.app} can load it`,
  'restore.fetch': s => `restore ${s.says} from ${s.place}, beside what is there`,
  'restore.reach': s => `bring the copy to ${s.says}`,
  'restore.prove': () => 'compare the restored data with what was counted at that moment',
  'restore.settle': () => 'write the restored data to the disk',
  'restore.fill': s => `load the restored data of ${s.app} beside its own`,
  'restore.verify': () => 'compare the restored data with its source, table by table',
  'restore.swap': s => `put the restored database in the place of the old one, which stays as ${s.aside}`,
  'restore.swap-back': s => `return to the data that ${s.app} had`,
  'restore.note': s => `note that what ${s.app} has now stays as ${s.aside}`,
  'restore.forget': s => `note that ${s.app} has again what it had`,
  'restore.tell': s => `see whether the restored data has the migrations of ${s.release}`,
  'restore.keep-log': () => 'archive what was written last before the data changed',
  'restore.drop-fresh': () => 'remove the restored data',
  'restore.files': s => `restore the ${WORDS[s.of]} of ${s.app} from ${s.place}, beside what is there`,
  'restore.files-swap': s =>
    `put the restored ${WORDS[s.of]} in the place of the old ones, which stay as ${s.aside}`,
  'restore.files-back': s => `return to the ${WORDS[s.of]} that ${s.app} had`,
  'restore.discard': s => `delete ${s.aside}, the data from before`,
  'copy.remove': s => `remove the copy ${s.copy}`,
}

const WORDS = { files: 'files', redis: 'Redis keys' } as const
