import type { Known } from './facts.ts'
import type { Finding } from './finding.ts'
import type { Migration } from './migration.ts'
import type { Constraint, Name, Op } from './op.ts'
import { keyOf, quote, show } from './place.ts'

interface Foreign {
  table: Name
  column: string
  migration: string
  line: number
  statement: string
}

/** Foreign keys that these migrations make, and whose own first column no index begins with when all of them have run. */
export function unindexed(migrations: readonly Migration[], { live }: Known): Finding[] {
  const foreign: Foreign[] = []
  const indexed = new Set(
    (live?.indexes ?? []).flatMap(({ table, columns }) =>
      columns[0] === undefined ? [] : [at(table, columns[0])],
    ),
  )
  for (const { name, sql } of migrations)
    for (const { ops, line, text } of sql?.statements ?? [])
      for (const op of ops) {
        for (const [table, column] of indexesOf(op)) indexed.add(at(table, column))
        for (const [table, { columns }] of constraintsOf(op).filter(([, one]) => one.kind === 'foreign'))
          if (columns[0] !== undefined)
            foreign.push({ table, column: columns[0], migration: name, line, statement: text })
      }
  return foreign
    .filter(({ table, column }) => !indexed.has(at(table, column)))
    .map(({ table, column, ...where }) => ({
      ...{ rule: 'constraint.unindexed', level: 'note', ...where },
      what: `no index begins with ${quote(column)} of ${show(table)}, which refers to another table`,
      why: 'each row that is deleted there looks at all rows here',
      ...{ takesMs: null, allowed: null, fix: null },
      safe: [
        `create index concurrently if not exists ${quote(`${table.name}_${column}_idx`)} on ${show(table)} (${quote(column)})`,
      ],
    }))
}

const at = (table: Name, column: string): string => `${keyOf(table)}.${column}`

function constraintsOf(op: Op): Array<readonly [Name, Constraint]> {
  if (op.kind === 'constraint.add') return [[op.table, op.constraint]]
  if (op.kind === 'column.add') return op.column.constraints.map(one => [op.table, one])
  if (op.kind !== 'table.create') return []
  return [...op.constraints, ...op.columns.flatMap(({ constraints }) => constraints)].map(one => [
    op.table,
    one,
  ])
}

function indexesOf(op: Op): Array<readonly [Name, string]> {
  if (op.kind === 'index.create') return op.columns[0] == null ? [] : [[op.table, op.columns[0]]]
  return constraintsOf(op).flatMap(
    ([table, { kind, columns }]): Array<readonly [Name, string]> =>
      (kind === 'primary' || kind === 'unique') && columns[0] !== undefined ? [[table, columns[0]]] : [],
  )
}
