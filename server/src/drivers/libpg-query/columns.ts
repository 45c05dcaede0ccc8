import type { Column, Constraint, Default } from '../../apps/lint/op.ts'
import { inside, type Node, nameOf, node, nodes, strings, tableOf, text, walk } from './nodes.ts'

const KINDS: Readonly<Record<string, Constraint['kind']>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary',
  CONSTR_EXCLUSION: 'exclude',
}

/** null: it is no constraint that looks at rows, but `not null`, a default and the like. `column`: the one that it stands at. */
export function constraintOf(body: Node, column: string | null): Constraint | null {
  const kind = KINDS[text(body['contype']) ?? '']
  if (kind === undefined) return null
  const named = strings(kind === 'foreign' ? body['fk_attrs'] : body['keys'])
  return {
    kind,
    name: text(body['conname']),
    columns: named.length === 0 && column !== null ? [column] : named,
    references: kind === 'foreign' ? tableOf(body['pktable']) : null,
    notValid: body['skip_validation'] === true,
    usingIndex: body['indexname'] !== undefined,
    notNullOf: kind === 'check' ? notNullOf(body['raw_expr']) : null,
  }
}

function notNullOf(expression: unknown): string | null {
  const { kind, body } = inside(expression)
  if (kind !== 'NullTest' || body['nulltesttype'] !== 'IS_NOT_NULL') return null
  return strings(node(node(body['arg'])['ColumnRef'])['fields']).at(-1) ?? null
}

export function columnOf(body: Node): Column {
  const name = text(body['colname']) ?? ''
  const all = nodes(body['constraints']).map(one => node(one['Constraint']))
  const has = (type: string) => all.some(one => one['contype'] === type)
  const given = all.find(one => one['contype'] === 'CONSTR_DEFAULT')
  const constraints = all.flatMap(one => constraintOf(one, name) ?? [])
  return {
    name,
    ...typeOf(body['typeName']),
    notNull: has('CONSTR_NOTNULL') || constraints.some(({ kind }) => kind === 'primary'),
    default: given === undefined ? null : defaultOf(given['raw_expr']),
    generated: all.some(one => one['contype'] === 'CONSTR_GENERATED' && one['generated_kind'] !== 'v'),
    identity: has('CONSTR_IDENTITY'),
    constraints,
  }
}

/** Functions of the standard that have no brackets, such as `current_timestamp`, are stable: rows that are there get one value. */
const defaultOf = (expression: unknown): Default => ({
  functions: [
    ...new Set(
      [...walk({ expression })].flatMap(({ kind, body }) =>
        kind === 'FuncCall' ? (strings(body['funcname']).at(-1) ?? []) : [],
      ),
    ),
  ],
})

export const typeOf = (type: unknown): { type: string; size: number[] } => ({
  type: nameOf(strings(node(type)['names'])).name,
  size: nodes(node(type)['typmods']).map(one => Number(node(node(one['A_Const'])['ival'])['ival'] ?? 0)),
})
