import { scanMs } from './cost.ts'
import type { Draft } from './finding.ts'
import type { Op } from './op.ts'
import { isUsed, keyOf, type Place, show, tableAt } from './place.ts'

/** What a statement takes from everybody until its transaction ends, however short it is itself. */
const TAKES_ALL: ReadonlySet<Op['kind']> = new Set([
  ...(['column.add', 'column.drop', 'column.rename', 'column.type', 'column.not-null'] as const),
  ...(['column.null', 'table.rename', 'table.drop', 'table.rewrite', 'table.change'] as const),
  ...(['table.truncate', 'table.lock', 'constraint.add', 'constraint.drop', 'index.reindex'] as const),
])

/** From so long on it matters what else is locked meanwhile. */
const NOTICED_MS = 300

/** A lock that an earlier statement of the same transaction took is held while this one runs. `said`: what was found of it itself. */
export function heldMeanwhile(place: Place, op: Op, said: readonly Draft[]): Draft[] {
  const table = op.kind === 'constraint.validate' ? tableAt(place, op.table) : null
  const takesMs = Math.max(table === null ? 0 : scanMs(table), ...said.map(one => one.takesMs ?? 0))
  const [held] = [...place.progress.held]
  if (!place.transaction || held === undefined || takesMs < NOTICED_MS) return []
  const [name, line] = held
  return [
    {
      ...{ rule: 'table.locked', level: 'warning', takesMs },
      what: `${name.replace(/^public\./, '')} stays locked from line ${line} on while this runs`,
      why: 'a lock is given back at the end of the transaction, and this statement takes as long as its table is large',
      fix: `in a migration of its own, after the one that locks; ${place.tool}`,
    },
  ]
}

/** What a statement leaves for those after it. */
export function noteOp(place: Place, op: Op, line: number): void {
  const { progress, transaction } = place
  noteTables(place, op)
  if (op.kind === 'enum.add' && transaction) progress.fresh.add(op.value)
  if (op.kind === 'constraint.add' && op.constraint.notNullOf !== null && op.constraint.name !== null) {
    const column = `${show(op.table)}.${op.constraint.notNullOf}`
    if (op.constraint.notValid) progress.checks.set(op.constraint.name, column)
    else progress.notNull.add(column)
  }
  if (op.kind === 'constraint.validate') {
    const column = progress.checks.get(op.name)
    if (column !== undefined) progress.notNull.add(column)
  }
  if (op.kind === 'transaction' && op.does !== 'begin') endTransaction({ progress })
  const locks = transaction && TAKES_ALL.has(op.kind) && 'table' in op && op.table !== null
  if (!locks || !isUsed(place, op.table!)) return
  const key = keyOf(op.table!)
  if (!progress.held.has(key)) progress.held.set(key, line)
}

/** Tables that are made are nobody's yet. `create table if not exists` makes none where there is one, unless it was dropped before. */
function noteTables(place: Place, op: Op): void {
  const { made, dropped } = place.progress
  if (op.kind === 'table.drop') dropped.add(keyOf(op.table))
  if (op.kind === 'table.rename') {
    dropped.add(keyOf(op.table))
    made.add(keyOf({ schema: op.schema, name: op.to }))
  }
  if (op.kind !== 'table.create') return
  const there = tableAt(place, op.table) !== null && !dropped.has(keyOf(op.table))
  if (!there) made.add(keyOf(op.table))
}

export function endTransaction({ progress }: Pick<Place, 'progress'>): void {
  progress.held.clear()
  progress.fresh.clear()
}

const BOUNDS = ['lock_timeout', 'statement_timeout']

/** Innkeeper gives the role that migrates a bound on both. */
export function lifted(_: Place, { name, value }: Extract<Op, { kind: 'setting' }>): Draft[] {
  if (!BOUNDS.includes(name) || value === null || !/^0\s*(ms|s|min)?$/.test(value)) return []
  const lock = name === 'lock_timeout'
  return [
    {
      ...{ rule: 'timeout.lifted', level: lock ? 'warning' : 'note' },
      what: `${name} is taken away`,
      why: lock
        ? 'a statement that waits for a lock lets nobody pass; without a bound that lasts until somebody ends it'
        : 'nothing ends a statement that takes longer than anybody thought',
      fix: lock ? 'leave it: `release: { lockTimeout: … }` in innkeeper.yaml sets it' : null,
    },
  ]
}

export function unordered(place: Place, op: Extract<Op, { kind: 'enum.add' }>): Draft[] {
  if (op.placed || place.known.empty) return []
  return [
    {
      ...{
        rule: 'enum.order',
        level: 'note',
        what: `${op.value} becomes the last value of ${show(op.type)}`,
      },
      why: '`order by` and comparisons follow the order of the values',
      fix: '`before` or `after` another value says where it stands',
    },
  ]
}

/** What changes of a published table mean for those who take them. */
export function published(place: Place, op: Op): Draft[] {
  const changes = [
    'column.add',
    'column.drop',
    'column.rename',
    'column.type',
    'table.rename',
    'table.truncate',
  ]
  if (!changes.includes(op.kind) || !('table' in op) || op.table === null) return []
  if (place.progress.made.has(keyOf(op.table)) || tableAt(place, op.table)?.published !== true) return []
  return [
    {
      ...{ rule: 'replication.changed', level: 'warning' },
      what: `${show(op.table)} is sent on to another server, which does not learn of this`,
      why: 'logical replication copies rows and no definitions: it stops at the first row that does not fit',
      fix: 'make the same change on the other side first where something is added, and last where something goes',
    },
  ]
}
