import { showSize } from '../../kernel/sizes.ts'
import { indexMs, rewriteMs, scanMs, updateMs } from './cost.ts'
import type { LiveTable } from './facts.ts'
import type { Draft, Level } from './finding.ts'
import type { Constraint, Name, Of } from './op.ts'
import { columnAt, isUsed, type Place, quote, show, tableAt } from './place.ts'
import type { RuleId } from './rules.ts'

/** Below this nobody notices that others waited. */
const SHORT_MS = 300
/** From this on people see errors: clients give up, pools run empty. */
const LONG_MS = 5_000
/** Of a small table nobody could say more. */
const SMALL_BYTES = 1024 ** 2

type Cost = (table: LiveTable) => number

interface Lock {
  rule: RuleId
  table: Name
  what: string
  why: string
  cost: Cost
  /** Who waits: everybody who asks the table, or those who write to it. */
  waits: 'all' | 'writes'
  safe?: readonly string[]
  fix?: string
}

/** What it means that a lock is held for as long as the table is large. */
export function locked(place: Place, { table, cost, waits, safe = [], fix, ...said }: Lock): Draft[] {
  if (!isUsed(place, table)) return []
  const live = tableAt(place, table)
  const takesMs = live === null ? null : live.bytes < SMALL_BYTES ? 0 : cost(live)
  const level = levelOf(takesMs, waits === 'all' || (live?.writes ?? 1) > 0)
  const why = live === null || level === 'note' ? said.why : `${said.why}; ${busyness(live)}`
  return [{ ...said, why, level, takesMs, safe: [...safe], fix: fix ?? null }]
}

/** How large a table is, and how much it is asked. */
function busyness({ rows, bytes, reads, writes }: LiveTable): string {
  const many = rows === null ? '' : `${rows.toLocaleString('en-US')} rows in `
  const often = (n: number) =>
    n >= 1 ? Math.round(n).toLocaleString('en-US') : n > 0 ? 'less than one' : 'no'
  return `it has ${many}${showSize(bytes)}, with ${often(reads)} reads and ${often(writes)} writes a second`
}

const levelOf = (takesMs: number | null, felt: boolean): Level =>
  takesMs === null ? 'warning' : takesMs < SHORT_MS ? 'note' : takesMs >= LONG_MS && felt ? 'bad' : 'warning'

const ALL = 'whoever reads or writes it waits meanwhile'
const WRITES = 'whoever writes to it waits meanwhile'

export function indexCreated(place: Place, op: Of<'index.create'>): Draft[] {
  const columns = op.columns.map(name => (name === null ? '(…)' : quote(name))).join(', ')
  const name = op.index ?? [op.table.name, ...op.columns.filter(c => c !== null), 'idx'].join('_')
  const sql = `create ${op.unique ? 'unique ' : ''}index concurrently if not exists ${quote(name)} on ${show(op.table)} (${columns})`
  if (op.concurrently) {
    return op.careful || !isUsed(place, op.table)
      ? []
      : [
          {
            ...{ rule: 'index.repeat', level: 'note', what: `the index ${name} cannot be tried again` },
            why: 'a build that fails leaves an invalid index of that name behind, and the next try fails on it',
            safe: [`drop index concurrently if exists ${quote(name)}`, sql.replace(' if not exists', '')],
          },
        ]
  }
  return locked(place, {
    ...{ rule: 'index.locks', table: op.table, waits: 'writes', cost: indexMs },
    what: `the index ${name} is made while nobody can write to ${show(op.table)}`,
    why: WRITES,
    safe: [sql],
    fix: alone(place),
  })
}

/** What has to be said with a statement that runs alone. */
const alone = ({ tool, transaction }: Place): string =>
  transaction ? `\`concurrently\` cannot run in a transaction: ${tool}` : 'in a file of its own'

export function indexDropped(place: Place, { index, concurrently }: Of<'index.drop'>): Draft[] {
  const known = place.known.live?.indexes.find(
    ({ name, schema }) => name === index.name && (index.schema === null || schema === index.schema),
  )
  if (concurrently || known === undefined) return []
  return locked(place, {
    ...{ rule: 'index.drop-locks', table: known.table, waits: 'all', cost: () => 0 },
    what: `dropping the index ${show(index)} waits for every statement that runs on ${show(known.table)}`,
    why: 'it takes no time itself, but whoever comes behind it waits for the slowest statement before it',
    safe: [`drop index concurrently if exists ${show(index)}`],
    fix: alone(place),
  })
}

export function reindexed(place: Place, { of, name, concurrently }: Of<'index.reindex'>): Draft[] {
  if (concurrently || name === null) return []
  const index = place.known.live?.indexes.find(({ name: own }) => own === name.name)
  const table = of === 'table' ? name : (index?.table ?? name)
  return locked(place, {
    ...{ rule: 'index.reindex-locks', table, waits: 'all', cost: indexMs },
    what: `${show(name)} is made anew while nobody can write to ${show(table)}`,
    why: 'whoever would use the index for reading waits, too',
    safe: [`reindex ${of} concurrently ${show(name)}`],
    fix: alone(place),
  })
}

export function partitioned(place: Place, op: Of<'partition.attach' | 'partition.detach'>): Draft[] {
  if (op.kind === 'partition.attach')
    return locked(place, {
      ...{ rule: 'partition.attach-scans', table: op.partition, waits: 'all', cost: scanMs },
      what: `all rows of ${show(op.partition)} are looked at before it is attached to ${show(op.table)}`,
      why: 'unless a check of its own says already what its bounds are',
      safe: [],
      fix: 'first `alter table … add constraint … check (bounds) not valid`, then `validate constraint`, then attach it, then drop the check',
    })
  return op.concurrently
    ? []
    : locked(place, {
        ...{ rule: 'partition.detach-locks', table: op.table, waits: 'all', cost: () => 0 },
        what: `detaching ${show(op.partition)} waits for every statement that runs on ${show(op.table)}`,
        why: 'whoever comes behind it waits for the slowest of them',
        safe: [`alter table ${show(op.table)} detach partition ${show(op.partition)} concurrently`],
        fix: alone(place),
      })
}

export function constrained(place: Place, table: Name, constraint: Constraint): Draft[] {
  if (constraint.usingIndex || constraint.notValid) return []
  return CONSTRAINTS[constraint.kind](place, table, constraint)
}

type ByKind = (place: Place, table: Name, constraint: Constraint) => Draft[]

const CONSTRAINTS: Readonly<Record<Constraint['kind'], ByKind>> = {
  unique: (place, table, one) => byIndex(place, table, one, 'unique'),
  primary: (place, table, one) => byIndex(place, table, one, 'primary'),
  exclude: (place, table) =>
    locked(place, {
      ...{ rule: 'constraint.exclusion', table, waits: 'all', cost: indexMs },
      what: `an exclusion constraint of ${show(table)} makes its index`,
      why: `${ALL}, and PostgreSQL has no other way`,
      fix: 'in a time when few are there; or fill a table that has it from the start, and let the two change their names',
    }),
  foreign: foreignKey,
  check: (place, table, { name }) => {
    const named = quote(name ?? `${table.name}_check`)
    return locked(place, {
      ...{ rule: 'constraint.check', table, waits: 'all', cost: scanMs },
      what: `a check of ${show(table)} looks at all its rows`,
      why: ALL,
      safe: [
        `alter table ${show(table)} add constraint ${named} check (…) not valid`,
        `alter table ${show(table)} validate constraint ${named}`,
      ],
      fix: 'the second statement in a later transaction, where it locks nobody out',
    })
  },
}

function byIndex(place: Place, table: Name, { name, columns }: Constraint, kind: 'unique' | 'primary') {
  const [index, is] =
    kind === 'unique'
      ? [name ?? `${table.name}_${columns.join('_')}_key`, 'unique']
      : [name ?? `${table.name}_pkey`, 'primary key']
  return locked(place, {
    ...{ rule: `constraint.${kind}` as const, table, waits: 'all', cost: indexMs },
    what: `the ${kind === 'unique' ? 'unique constraint' : 'primary key'} of ${show(table)} makes its index`,
    why: ALL,
    safe: [
      `create unique index concurrently if not exists ${quote(index)} on ${show(table)} (${columns.map(quote).join(', ')})`,
      `alter table ${show(table)} add constraint ${quote(index)} ${is} using index ${quote(index)}`,
    ],
    fix:
      kind === 'primary'
        ? 'make its columns not null before, or all rows are looked at for that'
        : alone(place),
  })
}

function foreignKey(place: Place, table: Name, { name, columns, references }: Constraint): Draft[] {
  const named = quote(name ?? `${table.name}_${columns.join('_')}_fkey`)
  const to = references === null ? '…' : show(references)
  return locked(place, {
    ...{ rule: 'constraint.foreign', table, waits: 'writes', cost: scanMs },
    what: `the foreign key from ${show(table)} to ${to} looks at all rows`,
    why: `whoever writes to ${show(table)} or to ${to} waits meanwhile`,
    safe: [
      `alter table ${show(table)} add constraint ${named} foreign key (${columns.map(quote).join(', ')}) references ${to} not valid`,
      `alter table ${show(table)} validate constraint ${named}`,
    ],
    fix: 'the second statement in a later transaction, where it locks nobody out',
  })
}

/** Types that hold the same bytes in more room, so that no row is written anew. */
function isWider(from: string, { type, size, using }: Of<'column.type'>): boolean {
  if (using) return false
  const was = /^([a-z ]+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(from)
  if (was === null) return false
  const [, name, length, scale] = was
  if (name === 'character varying')
    return (
      type === 'text' ||
      (type === 'varchar' && (size.length === 0 || (length !== undefined && size[0]! >= Number(length))))
    )
  if (name === 'text') return type === 'varchar' && size.length === 0
  if (name === 'numeric' && type === 'numeric')
    return (
      size.length === 0 || (size[0]! >= Number(length ?? Infinity) && (size[1] ?? 0) === Number(scale ?? 0))
    )
  return false
}

export function retyped(place: Place, op: Of<'column.type'>): Draft[] {
  const { table, column, type, size } = op
  const was = columnAt(place, table, column)?.type
  if (was !== undefined && isWider(was, op)) return []
  const to = `${type}${size.length === 0 ? '' : `(${size.join(',')})`}`
  const next = quote(`${column}_new`)
  return locked(place, {
    ...{ rule: 'column.type', table, waits: 'all', cost: rewriteMs },
    what: `${show(table)} is written anew, because ${quote(column)} becomes ${to}${was === undefined ? '' : ` instead of ${was}`}`,
    why: `${ALL}; its indexes are made anew, too`,
    safe: [`alter table ${show(table)} add column ${next} ${to}`],
    fix: `write both columns from a release on, fill ${next} in batches, read it from the next release on, then drop ${quote(column)}`,
  })
}

export function becomesNotNull(place: Place, { table, column }: Of<'column.not-null'>): Draft[] {
  const live = columnAt(place, table, column)
  if (live?.notNull === true || live?.checkedNotNull === true) return []
  if (place.progress.notNull.has(`${show(table)}.${column}`)) return []
  const check = quote(`${table.name}_${column}_not_null`)
  const on = `alter table ${show(table)}`
  const found = locked(place, {
    ...{ rule: 'column.not-null', table, waits: 'all', cost: scanMs },
    what: `all rows of ${show(table)} are looked at, because ${quote(column)} becomes not null`,
    why: ALL,
    safe: [
      `${on} add constraint ${check} check (${quote(column)} is not null) not valid`,
      `${on} validate constraint ${check}`,
      `${on} alter column ${quote(column)} set not null`,
      `${on} drop constraint ${check}`,
    ],
    fix: 'the first statement in a transaction of its own',
  })
  return live?.nulls === true
    ? found.map(one => ({
        ...{ ...one, level: 'bad' as const },
        what: `${quote(column)} of ${show(table)} cannot become not null: there are rows without a value`,
        why: 'they were there when PostgreSQL last counted (analyze)',
        fix: `fill them first, in batches: \`update ${show(table)} set ${quote(column)} = … where ${quote(column)} is null\``,
      }))
    : found
}

export function rewritten(place: Place, { table, by }: Of<'table.rewrite'>): Draft[] {
  if (table === null)
    return [
      {
        ...{ rule: 'table.rewritten', level: 'bad', what: `${by} writes every table of the database anew` },
        ...{ why: 'whoever asks one of them waits meanwhile', fix: '`inn db vacuum` locks nobody out' },
      },
    ]
  return locked(place, {
    ...{ rule: 'table.rewritten', table, waits: 'all', cost: rewriteMs },
    what: `${by} writes ${show(table)} anew`,
    why: ALL,
    fix:
      by === 'vacuum full'
        ? '`inn db vacuum` locks nobody out; `pg_repack` gives the room back'
        : 'in a time when few are there',
  })
}

export function rowsChanged(place: Place, { table, by, bounded }: Of<'rows.change'>): Draft[] {
  if (bounded || by === 'insert') return []
  return locked(place, {
    ...{ rule: 'rows.unbounded', table, waits: 'writes', cost: updateMs },
    what: `${by === 'update' ? 'rows of' : 'rows are deleted from'} ${show(table)}${by === 'update' ? ' are changed' : ''} all at once`,
    why: 'whoever writes one of these rows waits until all are done; and the table grows by as much as is changed',
    fix: 'in batches of some thousand rows by their key, outside of the migration: as a job (`jobs:` in innkeeper.yaml)',
  })
}

export function refreshed(place: Place, { view, concurrently }: Of<'view.refresh'>): Draft[] {
  if (concurrently) return []
  return locked(place, {
    ...{ rule: 'view.refreshed', table: view, waits: 'all', cost: rewriteMs },
    what: `${show(view)} is made anew while its readers wait`,
    why: ALL,
    safe: [`refresh materialized view concurrently ${show(view)}`],
    fix: 'it needs a unique index for that',
  })
}
