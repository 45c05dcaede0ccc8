import { appLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import { count, list } from '../../kernel/words.ts'
import { type Archive, actionOf, type Named } from './retention.ts'
import type { RetentionStep } from './step.ts'

export interface RunOrder {
  app: string
  /** In the order in which rows can go. */
  rules: readonly Named[]
  /** Ids of archives that were kept long enough. */
  expired: readonly string[]
}

/** Plans what rules do now. Each batch is a transaction of its own, so there is nothing to undo. */
export function planRun({ app, rules, expired }: RunOrder): Plan<RetentionStep> {
  const names = rules.map(({ name }) => name)
  const steps = rules.map((rule): RetentionStep => ({ kind: 'retention.rule', app, rule }))
  const archives = rules.some(rule => actionOf(rule) === 'archive')
  return {
    kind: 'retention',
    title: `retention of ${app}: ${names.length === 0 ? 'old archives' : list(names)}`,
    ...{ app, release: null, locks: [appLock(app)] },
    steps: [...steps, { kind: 'retention.end' as const, app, rules: names }].map(does => ({
      does,
      undo: null,
    })),
    // Of a place that is away they go another time.
    cleanup: expired.length === 0 ? [] : [{ kind: 'retention.expire', app, archives: expired }],
    notices: [
      `${app} goes on serving; a deploy that comes meanwhile ends this, and what was done stays done`,
      ...(archives ? ['rows are deleted only once an archive of them was read back from each place'] : []),
    ],
  }
}

/** Plans to put the rows of an archive back, or into a table beside. */
export function planRestore(
  app: string,
  archive: Archive,
  { copy, rule }: { copy: string | null; rule: Named | null },
): Plan<RetentionStep> {
  const { id, table } = archive
  const rows = count(archive.rows - archive.left.length, 'row')
  return {
    kind: 'retention-restore',
    title: copy === null ? `put ${rows} of ${id} back into ${table}` : `copy ${rows} of ${id} into ${copy}`,
    ...{ app, release: null, locks: [appLock(app)] },
    steps: [
      {
        does: { kind: 'retention.restore', app, archive: id, table, copy },
        undo: copy === null ? null : { kind: 'retention.uncopy', app, archive: id, copy },
      },
    ],
    cleanup: [],
    notices: [
      ...(copy === null ? ['a row whose key is there stays as it is now'] : []),
      ...(copy === null && rule !== null
        ? [
            `by the rule ${rule.name} they are due again: its next run takes them, unless they are changed before`,
          ]
        : []),
      'the archive stays as it is',
    ],
  }
}
