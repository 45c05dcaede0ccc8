import type { Draft } from './finding.ts'
import type { Of, Op, Parsed } from './op.ts'
import { type Place, show } from './place.ts'
import * as breaks from './rule-breaks.ts'
import { columnAdded, typeHabits } from './rule-columns.ts'
import * as locks from './rule-locks.ts'
import * as transactions from './rule-transactions.ts'

type Rules = { [K in Op['kind']]?: (place: Place, op: Of<K>) => Draft[] }

/** What is asked of each kind of operation. Those without a line here matter to others alone. */
const BY_KIND: Rules = {
  'table.create': created,
  'table.drop': breaks.tableDropped,
  'view.drop': breaks.tableDropped,
  'table.rename': breaks.tableRenamed,
  'table.rewrite': locks.rewritten,
  'table.truncate': breaks.emptied,
  'column.add': (place, op) => [...columnAdded(place, op), ...typeHabits(op.column)],
  'column.drop': breaks.columnDropped,
  'column.rename': breaks.columnRenamed,
  'column.type': locks.retyped,
  'column.not-null': locks.becomesNotNull,
  'column.null': breaks.becomesNull,
  'constraint.add': (place, { table, constraint }) => locks.constrained(place, table, constraint),
  'index.create': locks.indexCreated,
  'index.drop': locks.indexDropped,
  'index.reindex': locks.reindexed,
  'partition.attach': locks.partitioned,
  'partition.detach': locks.partitioned,
  'view.refresh': locks.refreshed,
  'rows.change': locks.rowsChanged,
  'enum.rename': breaks.enumRenamed,
  'enum.add': transactions.unordered,
  'enum.create': (_, { type }) => [
    {
      ...{ rule: 'enum.created', level: 'note', what: `${show(type)} is an enum` },
      why: 'a value cannot be taken away again, and a new one cannot be used in the transaction that adds it',
      fix: 'a table of values, or text with a check',
    },
  ],
  'domain.constraint': domain,
  'schema.rename': (place, op) => schemaGone(place, `the schema ${op.schema} becomes ${op.to}`),
  'schema.drop': (place, op) => schemaGone(place, `the schema ${op.schema} is dropped`),
  'database.drop': (_, { database }) => [
    {
      ...{ rule: 'database.dropped', level: 'bad', what: `the database ${database} is dropped` },
      why: 'nothing of it is left',
    },
  ],
  transaction: control,
  alone: refused,
  setting: transactions.lifted,
  code: (_, { what }) => [
    {
      ...{ rule: 'sql.code', level: 'note', what: `what ${what} does is decided when it runs` },
      why: 'its code is text to PostgreSQL until then, and is not judged',
    },
  ],
}

/** What is to be said of a statement. `line`: where it begins. */
export function draftsOf(place: Place, statement: Parsed): Draft[] {
  const drafts = statement.ops.flatMap(op => {
    const rule = BY_KIND[op.kind] as ((place: Place, op: Op) => Draft[]) | undefined
    const own = rule?.(place, op) ?? []
    const said = [...own, ...transactions.heldMeanwhile(place, op, own), ...transactions.published(place, op)]
    transactions.noteOp(place, op, statement.line)
    return said
  })
  const adds = statement.ops.some(({ kind }) => kind === 'enum.add')
  return [...drafts, ...(adds ? [] : usedAtOnce(place, statement)), ...statement.long.map(tooLong)]
}

function created(_: Place, { columns, temporary, constraints }: Of<'table.create'>): Draft[] {
  if (temporary) return []
  const keys = constraints.filter(({ kind, columns: of }) => kind === 'primary' && of.length === 1)
  return columns.flatMap(column =>
    typeHabits({
      ...column,
      constraints: [...column.constraints, ...keys.filter(key => key.columns[0] === column.name)],
    }),
  )
}

function domain(_: Place, { domain: name, created: made }: Of<'domain.constraint'>): Draft[] {
  return [
    {
      ...{ rule: 'domain.constraint', level: made ? 'note' : 'warning' },
      what: `${show(name)} is a domain with a constraint`,
      why: made
        ? 'another one later looks at every column of that type, in all tables'
        : 'every column of that type is looked at, in all tables, while writes wait',
      fix: made ? 'a check of the table' : '`not valid`, and `validate constraint` later',
    },
  ]
}

function schemaGone(place: Place, what: string): Draft[] {
  return [
    {
      ...{ rule: 'schema.renamed', level: place.known.empty ? 'note' : 'warning', what },
      why: 'whatever the release that serves asks of it fails until that is stopped',
    },
  ]
}

function control({ progress, tool }: Place, { does }: Of<'transaction'>): Draft[] {
  const nested = does === 'begin' && progress.begun
  progress.begun = does === 'begin'
  if (!nested) return []
  return [
    {
      rule: 'transaction.nested',
      level: 'warning',
      what: 'it begins a transaction inside of one',
      why: `PostgreSQL only warns, and the first commit ends both; ${tool}`,
    },
  ]
}

function refused(place: Place, { what }: Of<'alone'>): Draft[] {
  if (!place.transaction) return []
  return [
    {
      ...{ rule: 'transaction.alone', level: 'bad', what: `${what} cannot run inside a transaction block` },
      ...{ why: `PostgreSQL refuses it there; ${place.tool}` },
    },
  ]
}

/** A value that was added to an enum can be used only when that is committed. */
function usedAtOnce({ progress }: Place, { texts }: Parsed): Draft[] {
  const value = texts.find(text => progress.fresh.has(text))
  if (value === undefined) return []
  return [
    {
      ...{
        rule: 'enum.fresh',
        level: 'warning',
        what: `'${value}' is used in the transaction that adds it to its enum`,
      },
      why: 'PostgreSQL refuses a new value until it is committed, but for an enum that is new itself',
      fix: 'in a migration of its own, after the one that adds it',
    },
  ]
}

const tooLong = (name: string): Draft => ({
  ...{ rule: 'name.long', level: 'warning', what: `${name} is longer than 63 bytes` },
  ...{ why: 'PostgreSQL cuts it, and two that begin alike become one', fix: 'a shorter name' },
})
