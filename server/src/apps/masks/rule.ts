import { columnKey, columnNamed, type MaskKind } from '../../config/masks.ts'
import { count, didYouMean } from '../../kernel/words.ts'
import { masked, unfit } from './rule-kinds.ts'
import { personalByName } from './rule-personal.ts'
import type { Column, Looks, Personal, Reference, Table, TableCopy } from './table.ts'

export type Mask = Readonly<Record<string, MaskKind>>

/** What is decided of each column. A column without a kind is copied as it is, when it may be. */
interface Decided {
  tables: readonly Table[]
  byKey: ReadonlyMap<string, Table>
  /** What the rules say, by the key of the column. */
  kinds: Map<string, MaskKind>
  problems: string[]
}

/**
 * A key as people see it and as YAML reads it back. An app chose the names, so nothing in them commands a terminal, and
 * no backtick makes them a command to copy.
 */
export const shown = (key: string): string =>
  /^[A-Za-z_][\w.]*$/.test(key)
    ? key
    : JSON.stringify(key).replaceAll(
        /[`\p{Cc}\p{Cf}\u2028\u2029]/gu,
        letter => `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`,
      )

/** `key`: of a table. */
const columnOf = (key: string, column: string): string => {
  const { schema, table } = columnNamed(`${key}.x`)
  return columnKey(schema, table, column)
}

const keyOf = (table: Table, column: string): string => `${table.key}\0${column}`

/** The rules by column, with those that name nothing as problems. */
function said(tables: readonly Table[], mask: Mask): Decided {
  const byKey = new Map(tables.map(table => [table.key, table]))
  const all: Decided = { tables, byKey, kinds: new Map(), problems: [] }
  for (const [rule, kind] of Object.entries(mask)) {
    const named = columnNamed(rule)
    const key = columnKey(named.schema, named.table)
    const table = byKey.get(key)
    const column = table?.columns.find(({ name }) => name === named.column)
    if (table === undefined)
      all.problems.push(`${shown(rule)}: there is no table ${shown(key)}${near(key, [...byKey.keys()])}`)
    else if (column === undefined)
      all.problems.push(
        `${shown(rule)}: ${shown(key)} has no such column${near(
          named.column,
          table.columns.map(({ name }) => name),
        )}`,
      )
    else if (column.generated) all.problems.push(`${shown(rule)}: it is made of other columns, so mask these`)
    else all.kinds.set(keyOf(table, column.name), kind)
  }
  return all
}

function near(word: string, known: readonly string[]): string {
  const found = didYouMean(word, known)
  return found === null ? '' : `; did you mean ${shown(found)}?`
}

/** The kind of a column: what its own rule says, or that of the table which it is a partition or an heir of. */
function kindOf(all: Decided, table: Table, column: string): MaskKind | undefined {
  const own = all.kinds.get(keyOf(table, column))
  if (own !== undefined) return own
  for (const key of table.parents) {
    const parent = all.byKey.get(key)
    const kind = parent === undefined ? undefined : kindOf(all, parent, column)
    if (kind !== undefined) return kind
  }
  return undefined
}

/** What refers to a masked column is masked in the same way, else its rows would refer to nothing. */
function follow(all: Decided): void {
  const links = all.tables.flatMap(table => table.references.map(reference => ({ table, reference })))
  for (let changed = true; changed; ) {
    changed = false
    for (const { table, reference } of links)
      for (const { from, to } of reference.columns) {
        const wanted = kindOfOther(all, reference, to)
        if (wanted === undefined || wanted === 'keep' || kindOf(all, table, from) !== undefined) continue
        all.kinds.set(keyOf(table, from), wanted)
        changed = true
      }
  }
  for (const { table, reference } of links) all.problems.push(...torn(all, table, reference))
}

function kindOfOther(all: Decided, { table: key }: Reference, column: string): MaskKind | undefined {
  const table = all.byKey.get(key)
  return table === undefined ? undefined : kindOf(all, table, column)
}

/** Columns of a foreign key whose masked values would not be those that they refer to. */
function torn(all: Decided, table: Table, reference: Reference): string[] {
  const other = all.byKey.get(reference.table)
  return reference.columns.flatMap(({ from, to }) => {
    const kinds = [kindOf(all, table, from) ?? 'keep', kindOfOther(all, reference, to) ?? 'keep'] as const
    const column = table.columns.find(({ name }) => name === from)
    const target = other?.columns.find(({ name }) => name === to)
    if (column === undefined || target === undefined || kinds[0] === 'null') return []
    const same = (kind: MaskKind, of: Column) => masked(kind, { ...of, ident: 'x' })
    if (kinds[0] === kinds[1] && same(kinds[0], column) === same(kinds[1], target)) return []
    const here = shown(columnOf(table.key, from))
    const there = shown(columnOf(reference.table, to))
    return [
      kinds[0] === kinds[1]
        ? `${here}: it refers to ${there}, and ${kinds[0]} makes other values of the other type or length`
        : `${here}: it is ${kinds[0]}, and ${there}, which it refers to, is ${kinds[1]}`,
    ]
  })
}

/** Rules that do not fit their columns, and tables whose rows cannot all be read. */
function misfits(all: Decided): string[] {
  return all.tables.flatMap(table => [
    ...(table.readable ? [] : [`${shown(table.key)}: the owner of the database may not read it`]),
    ...(table.cut
      ? [`${shown(table.key)}: row security hides rows of it from its owner (force row level security)`]
      : []),
    ...table.columns.flatMap(column => {
      const kind = kindOf(all, table, column.name)
      const why = kind === undefined || column.generated ? null : unfit(kind, column)
      return why === null ? [] : [`${shown(columnOf(table.key, column.name))}: ${why}`]
    }),
  ])
}

/** A column that a parent has too is told of there. */
const isInherited = (all: Decided, table: Table, column: string): boolean =>
  table.parents.some(key => all.byKey.get(key)?.columns.some(({ name }) => name === column) === true)

/** What values say, by key of the table and name of the column. */
export type Seen = ReadonlyMap<string, ReadonlyMap<string, Looks>>

function personal(all: Decided, seen: Seen): Personal[] {
  const found = new Map<string, Personal>()
  for (const table of all.tables)
    for (const column of table.columns) {
      if (column.generated || kindOf(all, table, column.name) !== undefined) continue
      const looks =
        personalByName({ table, column }) ??
        seen.get(table.key)?.get(column.name) ??
        wordsOfMasked(all, table, column)
      if (looks === null) continue
      const root = rootOf(all, table, column.name)
      const key = columnOf(root.key, column.name)
      if (!found.has(key)) found.set(key, { key, why: looks.why, kind: fitting(looks.kind, column) })
    }
  return [...found.values()]
}

function rootOf(all: Decided, table: Table, column: string): Table {
  if (!isInherited(all, table, column)) return table
  const parent = table.parents
    .map(key => all.byKey.get(key))
    .find(one => one?.columns.some(c => c.name === column))
  return parent === undefined ? table : rootOf(all, parent, column)
}

/** The words of a full-text search are those of the texts beside it. */
function wordsOfMasked(all: Decided, table: Table, column: Column): Looks | null {
  const masks = table.columns.some(({ name }) => (kindOf(all, table, name) ?? 'keep') !== 'keep')
  return column.category === 'words' && masks
    ? { why: 'it has the words of texts that are masked', kind: 'empty' }
    : null
}

const fitting = (wanted: MaskKind, column: Column): MaskKind =>
  ([wanted, 'hash', 'empty', 'number', 'null'] as const).find(kind => unfit(kind, column) === null) ?? 'keep'

/** What is wrong with the rules, and which columns lack one. */
export interface Judged {
  problems: string[]
  missing: Personal[]
  copies: TableCopy[]
}

/** Holds the rules against the tables of the source. `seen`: what a sample of values looks like. */
export function judge(tables: readonly Table[], mask: Mask, seen: Seen): Judged {
  const all = said(tables, mask)
  follow(all)
  const problems = [...new Set([...all.problems, ...misfits(all)])]
  return {
    problems,
    missing: personal(all, seen),
    copies:
      problems.length > 0 ? [] : tables.filter(({ holds }) => holds).flatMap(table => copyOf(all, table)),
  }
}

function copyOf(all: Decided, table: Table): TableCopy[] {
  const columns = table.columns.filter(({ generated }) => !generated)
  if (columns.length === 0) return []
  const values = columns.map(column => masked(kindOf(all, table, column.name) ?? 'keep', column))
  return [
    {
      key: table.key,
      select: `select ${values.join(', ')} from only ${table.ident}`,
      into: `${table.ident} (${columns.map(({ ident }) => ident).join(', ')})`,
    },
  ]
}

/** The lines for `mask:` that the columns lack, to be pasted. */
export const block = (missing: readonly Personal[]): string =>
  ['mask:', ...missing.map(({ key, kind }) => `  ${shown(key)}: ${kind}`)].join('\n')

export const missingText = (missing: readonly Personal[]): string =>
  `${count(missing.length, 'column')}: ${missing.map(({ key, why }) => `${shown(key)} (${why})`).join('; ')}`
