import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import { type Action, actionOf, type Named } from './retention.ts'

/** What retention does, as data. Each may run twice. */
export type RetentionStep =
  | { kind: 'retention.rule'; app: string; rule: Named }
  /** Fails when a rule of the run did: the others do not wait for it. */
  | { kind: 'retention.end'; app: string; rules: readonly string[] }
  /** Removes archives that are older than their rule keeps them. */
  | { kind: 'retention.expire'; app: string; archives: readonly string[] }
  /** `copy`: the name of a table beside; null: into the table itself. */
  | { kind: 'retention.restore'; app: string; archive: string; table: string; copy: string | null }
  | { kind: 'retention.uncopy'; app: string; archive: string; copy: string }

const DOES: Readonly<Record<Action, string>> = {
  archive: 'archive and delete rows',
  delete: 'delete rows',
  anonymise: 'anonymise rows',
}

export const retentionSentences: Sentences<RetentionStep> = {
  'retention.rule': ({ rule }) => `${DOES[actionOf(rule)]} of ${rule.table} that are due by ${rule.name}`,
  'retention.end': () => 'see whether all of it was done',
  'retention.expire': ({ archives }) => `remove archives that were kept long enough: ${list(archives)}`,
  'retention.restore': ({ archive, table, copy }) =>
    copy === null
      ? `put the rows of ${archive} back into ${table}, but for those that are there`
      : `make the table ${copy} of the rows of ${archive}`,
  'retention.uncopy': ({ copy }) => `remove the table ${copy}`,
}
