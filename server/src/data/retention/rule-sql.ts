import { masked } from '../../apps/masks/rule-kinds.ts'
import type { Column } from '../../apps/masks/table.ts'
import type { Blank } from '../../config/retention.ts'
import { quoteSqlName, quoteSqlText } from '../../kernel/quote.ts'
import type { Action, Child, Named, Shape, Version } from './retention.ts'
import { actionOf } from './retention.ts'

/** What an anonymised column gets. */
export interface Change {
  column: Column
  /** The type with its schema. */
  type: string
  kind: Blank
}

/** The rows of the table, by its own name, so that a condition may call it so. */
const from = ({ ident, alias, partitioned }: Shape): string =>
  `${partitioned ? '' : 'only '}${ident} as ${alias}`

/** What the mask makes, as a value of the column's type: the mask says it as text. */
const blank = ({ kind, column, type }: Change): string =>
  kind === 'null' ? 'null' : `(${masked(kind, column)})::text::${type}`

/** Whether the value is what the mask makes already, so that no run changes it again. */
function isBlank(change: Change): string {
  const { ident } = change.column
  if (change.kind === 'null') return `${ident} is null`
  return change.kind === 'email'
    ? `coalesce(${ident}::text ~ '^user-[0-9a-f]+@example\\.com$', true)`
    : `${ident}::text is not distinct from (${blank(change)})::text`
}

/** The condition by which a row is due. `changes`: of a rule that anonymises. */
export function due(rule: Named, shape: Shape, changes: readonly Change[]): string {
  const { olderThan, by, where } = rule
  return [
    ...(olderThan === undefined
      ? []
      : [`${shape.alias}.${quoteSqlName(by)} < now() - interval '${olderThan / 1000} seconds'`]),
    ...(where === undefined ? [] : [`(${where}\n)`]),
    ...(changes.length === 0 ? [] : [`not (${changes.map(isBlank).join(' and ')})`]),
  ].join(' and ')
}

/**
 * The foreign keys whose rows keep a row from going. What is deleted takes along what the schema says; what is archived
 * takes along nothing, because that would be in no archive.
 */
export const holding = (action: Action, { children }: Shape): readonly Child[] =>
  action === 'anonymise' ? [] : children.filter(({ onDelete }) => action === 'archive' || onDelete === 'keep')

const unheld = (children: readonly Child[], { alias }: Shape): string =>
  children.length === 0
    ? 'true'
    : children
        .map(
          ({ ident, columns }) =>
            `not exists (select from ${ident} held where ${columns
              .map(one => `held.${one.from} = ${alias}.${one.to}`)
              .join(' and ')})`,
        )
        .join(' and ')

interface Wanted {
  rule: Named
  shape: Shape
  changes: readonly Change[]
}

/** Counts rows that would go (`rows`, with their `bytes`), and those that are due and stay (`kept`). */
export const counting = ({ rule, shape, changes }: Wanted): string => `
  select count(*) filter (where free)::float8 as rows, count(*) filter (where not free)::float8 as kept,
         coalesce(sum(size) filter (where free), 0)::float8 as bytes
    from (select ${unheld(holding(actionOf(rule), shape), shape)} as free, pg_column_size(${shape.alias}.*) as size
            from ${from(shape)} where ${due(rule, shape, changes)}) found`

/** Whether any row is due that would go. */
export const anyDue = ({ rule, shape, changes }: Wanted): string =>
  `select exists (select from ${from(shape)} where ${due(rule, shape, changes)}
             and ${unheld(holding(actionOf(rule), shape), shape)}) as any`

/**
 * The next versions of rows that would go, in the order of the key. `what`: xmin and all columns, or xmin as `v` and the
 * texts of the key as k0, k1, …. `after`: the last key of those before.
 */
export function nextRows(
  { rule, shape, changes }: Wanted,
  { what, after, most }: { what: 'rows' | 'keys'; after: readonly string[] | null; most: number },
): string {
  const { alias, key } = shape
  const keys = key.map(({ ident }) => `${alias}.${ident}`)
  const beyond =
    after === null
      ? ''
      : ` and (${keys.join(', ')}) > (${key.map(({ type }, n) => `${quoteSqlText(after[n]!)}::${type}`).join(', ')})`
  const values =
    what === 'rows'
      ? [`${alias}.xmin`, ...shape.columns.map(({ ident }) => `${alias}.${ident}`)]
      : [`${alias}.xmin::text as v`, ...keys.map((one, n) => `${one}::text as k${n}`)]
  return `select ${values.join(', ')}
    from ${from(shape)} where ${due(rule, shape, changes)}
     and ${unheld(holding(actionOf(rule), shape), shape)}${beyond}
   order by ${keys.join(', ')} limit ${most}`
}

/** A statement with its parameters. */
export interface Statement {
  text: string
  values: string[][]
}

/** The given versions as a table `gone` with the columns v, k0, k1, …, n, and the condition by which rows are theirs. */
function given(shape: Shape, versions: readonly Version[], { exact }: { exact: boolean }) {
  const { alias, key } = shape
  const params = [0, ...key].map((_, n) => `$${n + 1}::text[]`).join(', ')
  const names = ['v', ...key.map((_, n) => `k${n}`)].join(', ')
  const same = key.map(({ ident, type }, n) => `${alias}.${ident} = gone.k${n}::${type}`)
  return {
    table: `rows from (unnest(${params})) with ordinality as gone(${names}, n)`,
    same: [...same, ...(exact ? [`${alias}.xmin::text = gone.v`] : [])].join(' and '),
    values: [versions.map(({ xmin }) => xmin), ...key.map((_, n) => versions.map(one => one.key[n]!))],
  }
}

/** Locks these versions, so that no new row can refer to them. */
export function locking(shape: Shape, versions: readonly Version[]): Statement {
  const { table, same, values } = given(shape, versions, { exact: true })
  return { text: `select from ${from(shape)}, ${table} where ${same} for update of ${shape.alias}`, values }
}

/** Deletes exactly these versions, but for those that something refers to. */
export function deleting(shape: Shape, versions: readonly Version[], action: Action): Statement {
  const { table, same, values } = given(shape, versions, { exact: true })
  const free = unheld(holding(action, shape), shape)
  return {
    text: `with done as (delete from ${from(shape)} using ${table} where ${same} and ${free} returning 1)
      select count(*)::int as rows from done`,
    values,
  }
}

/** Changes exactly these versions. */
export function changing(shape: Shape, versions: readonly Version[], changes: readonly Change[]): Statement {
  const { table, same, values } = given(shape, versions, { exact: true })
  const sets = changes.map(change => `${change.column.ident} = ${blank(change)}`)
  return {
    text: `with done as (update ${from(shape)} set ${sets.join(', ')} from ${table} where ${same} returning 1)
      select count(*)::int as rows from done`,
    values,
  }
}

/** Which of these keys still have a row, as numbers from 1 on. */
export function remaining(shape: Shape, versions: readonly Version[]): Statement {
  const { table, same, values } = given(shape, versions, { exact: false })
  return { text: `select gone.n::int as n from ${from(shape)}, ${table} where ${same} order by 1`, values }
}
