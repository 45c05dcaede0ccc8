import { appLock, backupLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import type { Chosen } from '../restores/plan.ts'
import type { RestoreStep } from '../restores/step.ts'
import type { TableStep } from './step.ts'
import type { Wish } from './table.ts'

export type Steps = TableStep | Extract<RestoreStep, { kind: `restore.${string}` | 'copy.remove' }>
type Pairs = Plan<Steps>['steps']

export interface TableOrder {
  app: string
  chosen: Chosen
  /** Name of the copy of the cluster. */
  copy: string
  tables: readonly string[]
  /** Labels of tables that are compared with them. */
  children: readonly string[]
  wish: Wish
  notices: readonly string[]
}

/** Plans: restore a copy → load its rows into a scratch schema → compare → do what was asked → remove copy and schema. */
export function planTable({ app, chosen, copy, tables, children, wish, notices }: TableOrder): Plan<Steps> {
  const { place, target, at, says } = chosen
  const of = { app, copy, tables }
  const compared = { ...of, ...(children.length > 0 && { children }) }
  return {
    kind: 'restore-table',
    title: `${TITLES[wish.kind]} ${list(tables)} of ${app} at ${says}`,
    app,
    release: null,
    locks: [appLock(app), backupLock(app)],
    steps: [
      { does: { kind: 'restore.check', app, place, target, at }, undo: null },
      {
        does: { kind: 'restore.fetch', app, place, target, copy, says },
        undo: { kind: 'copy.remove', app, copy },
      },
      { does: { kind: 'restore.reach', app, copy, says }, undo: null },
      { does: { kind: 'table.load', ...compared }, undo: { kind: 'table.drop', ...of } },
      { does: { kind: 'table.compare', ...compared, at, says }, undo: null },
      ...last(wish, of, says),
    ],
    cleanup: [
      { kind: 'table.drop', ...of },
      { kind: 'copy.remove', app, copy },
    ],
    notices: [`${app} goes on serving`, ...notices],
  }
}

const TITLES: Readonly<Record<Wish['kind'], string>> = {
  compare: 'compare with',
  merge: 'bring back missing rows of',
  copy: 'copy',
  csv: 'export',
}

function last(wish: Wish, of: Pick<TableOrder, 'app' | 'copy' | 'tables'>, says: string): Pairs {
  if (wish.kind === 'merge') return [{ does: { kind: 'table.merge', ...of }, undo: null }]
  if (wish.kind === 'csv') return [{ does: { kind: 'table.csv', ...of }, undo: null }]
  if (wish.kind === 'compare') return []
  const { name } = wish
  return [{ does: { kind: 'table.copy', ...of, name, says }, undo: { kind: 'table.uncopy', ...of, name } }]
}
