import type { MaskKind } from '../../config/masks.ts'
import type { Category, Column } from './table.ts'

/**
 * What is put before each value before it is hashed: drawn for one copy, and in no statement, because the server may
 * keep the text of statements.
 */
export const SALT = 'innkeeper.salt'

const FITS: Readonly<Record<MaskKind, readonly Category[] | 'all'>> = {
  keep: 'all',
  null: 'all',
  empty: ['text', 'json', 'array', 'bytea', 'inet', 'number', 'words'],
  email: ['text'],
  name: ['text'],
  phone: ['text'],
  text: ['text'],
  number: ['number'],
  date: ['date'],
  hash: ['text', 'uuid', 'bytea'],
}

/** Of these, different values stay different. */
const DISTINCT: readonly MaskKind[] = ['keep', 'null', 'email', 'name', 'phone', 'hash']

const EMPTY: Partial<Record<Category, string>> = {
  json: '{}',
  array: '{}',
  number: '0',
  inet: '0.0.0.0',
}

/** Names that are given and family names in many languages. */
const NAMES =
  `Alex Andrea Ariel Avery Bailey Blair Cameron Casey Charlie Chris Dana Devon Dominique Drew Eden Elia Ellis Emery Finley
   Francis Gabriel Hadley Harper Hayden Indigo Jamie Jesse Jordan Jules Kai Kelly Kim Lane Lee Logan Luca Marion Mika
   Morgan Nico Noa Parker Pascal Quinn Reese Remy Riley River Robin Rowan Sam Sascha Sidney Skyler Taylor Toni Val Yael`.split(
    /\s+/,
  )

const FILLER = 'lorem ipsum dolor sit amet '

/** Why a kind does not fit a column; null: it does. */
export function unfit(kind: MaskKind, column: Column): string | null {
  const fits = FITS[kind]
  if (fits !== 'all' && !fits.includes(column.category)) return `${kind} is nothing for its type`
  if (kind === 'keep') return null
  if (column.partitions) return 'its value decides in which partition a row lies, so it can only be kept'
  if (kind === 'null' && column.notNull) return 'it must not be null'
  if (column.distinct && !DISTINCT.includes(kind))
    return `different values of it must stay different, and with ${kind} they do not`
  const least = leastLength(kind, column)
  return column.length !== null && column.length < least
    ? `${kind} takes ${least} letters, and it has ${column.length}`
    : null
}

function leastLength(kind: MaskKind, { distinct }: Column): number {
  if (kind === 'email') return 25
  if (kind === 'hash') return distinct ? 16 : 8
  if (kind === 'phone') return distinct ? 16 : 11
  return kind === 'name' && distinct ? 22 : 0
}

/** The SQL of what a copy has in the place of a value. The kind must fit. Null stays null. */
export function masked(kind: MaskKind, column: Column): string {
  if (kind === 'keep') return column.ident
  if (kind === 'null') return 'null'
  return `case when ${column.ident} is not null then ${instead(kind, column)} end`
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`

function instead(kind: Exclude<MaskKind, 'keep' | 'null'>, column: Column): string {
  const { ident, category, distinct } = column
  const most = column.length ?? Number.POSITIVE_INFINITY
  const hex = digest(column)
  switch (kind) {
    case 'empty':
      return sqlText(EMPTY[category] ?? '')
    case 'email':
      return `'user-' || left(${hex}, ${Math.min(16, most - 17)}) || '@example.com'`
    case 'hash':
      return category === 'bytea' ? `'\\x' || ${hex}` : `left(${hex}, ${Math.min(32, most)})`
    case 'phone':
      return `'+999' || right(${drawn(hex)}::text, ${Math.min(12, most - 4)})`
    case 'name':
      return distinct
        ? `${oneOf(NAMES, hex)} || '-' || substr(${hex}, 5, 12)`
        : `left(${oneOf(NAMES, hex)}, ${Math.min(32, most)})`
    case 'text':
      return `rpad('', length(${ident}::text), '${FILLER}')`
    case 'number':
      return number(ident, hex)
    case 'date':
      return `date_trunc('year', ${ident}::timestamp)::text`
  }
}

const digest = ({ ident, caseless }: Column): string => {
  const text = caseless ? `lower(${ident}::text)` : `${ident}::text`
  return `encode(sha256(convert_to(concat(current_setting('${SALT}'), ${text}), 'UTF8')), 'hex')`
}

/** 15 digits that look drawn, without a zero in front. */
const drawn = (hex: string): string =>
  `(100000000000000 + ('x' || left(${hex}, 15))::bit(60)::bigint % 900000000000000)`

const oneOf = (words: readonly string[], hex: string): string =>
  `(array[${words.map(sqlText).join(',')}])[1 + ('x' || left(${hex}, 4))::bit(16)::int % ${words.length}]`

/** With its sign, and no more digits than it has. */
function number(ident: string, hex: string): string {
  const value = `${ident}::numeric`
  const digits = `greatest(1, length(trunc(abs(${value}))::text) - 1)`
  return `case when abs(${value}) < 1 then 0 else trunc(${drawn(hex)} % power(10::numeric, ${digits}) * sign(${value})) end`
}
