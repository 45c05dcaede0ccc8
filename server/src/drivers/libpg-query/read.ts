import type { Name, Op } from '../../apps/lint/op.ts'
import { alterOps } from './alter.ts'
import { columnOf, constraintOf } from './columns.ts'
import { inside, type Node, nameOf, node, nodes, strings, tableOf, text, walk } from './nodes.ts'

type Reader = (body: Node) => Op[]

const READERS: Readonly<Record<string, Reader>> = {
  CreateStmt: create,
  CreateTableAsStmt: () => [],
  AlterTableStmt: alterOps,
  RenameStmt: renamed,
  AlterObjectSchemaStmt: moved,
  DropStmt: dropped,
  IndexStmt: body => [
    {
      kind: 'index.create',
      table: tableOf(body['relation']),
      index: text(body['idxname']),
      columns: nodes(body['indexParams']).map(one => text(node(one['IndexElem'])['name'])),
      unique: body['unique'] === true,
      concurrently: body['concurrent'] === true,
      careful: body['if_not_exists'] === true,
    },
    ...alone(body['concurrent'] === true, 'create index concurrently'),
  ],
  ReindexStmt: reindexed,
  TruncateStmt: body =>
    ranges(body['relations']).map(table => ({
      ...{ kind: 'table.truncate', table, cascade: body['behavior'] === 'DROP_CASCADE' },
    })),
  LockStmt: body => ranges(body['relations']).map(table => ({ kind: 'table.lock', table })),
  VacuumStmt: vacuumed,
  ClusterStmt: body => [
    { kind: 'table.rewrite', table: body['relation'] ? tableOf(body['relation']) : null, by: 'cluster' },
  ],
  RefreshMatViewStmt: body => [
    { kind: 'view.refresh', view: tableOf(body['relation']), concurrently: body['concurrent'] === true },
  ],
  CreateTrigStmt: body => [{ kind: 'trigger.create', table: tableOf(body['relation']) }],
  CreateDomainStmt: body =>
    nodes(body['constraints']).some(one => node(one['Constraint'])['contype'] === 'CONSTR_CHECK')
      ? [{ kind: 'domain.constraint', domain: nameOf(strings(body['domainname'])), created: true }]
      : [],
  AlterDomainStmt: body =>
    body['subtype'] === 'C' && node(node(body['def'])['Constraint'])['skip_validation'] !== true
      ? [{ kind: 'domain.constraint', domain: nameOf(strings(body['typeName'])), created: false }]
      : [],
  CreateEnumStmt: body => [{ kind: 'enum.create', type: nameOf(strings(body['typeName'])) }],
  AlterEnumStmt: changedEnum,
  DropdbStmt: body => [
    { kind: 'database.drop', database: text(body['dbname']) ?? '' },
    { kind: 'alone', what: 'drop database' },
  ],
  CreatedbStmt: () => [{ kind: 'alone', what: 'create database' }],
  CreateTableSpaceStmt: () => [{ kind: 'alone', what: 'create tablespace' }],
  AlterSystemStmt: () => [{ kind: 'alone', what: 'alter system' }],
  UpdateStmt: body => [changedRows(body, 'update')],
  DeleteStmt: body => [changedRows(body, 'delete')],
  InsertStmt: body => [{ ...changedRows(body, 'insert'), bounded: !readsTables(body['selectStmt']) }],
  CopyStmt: body =>
    body['relation'] === undefined ? [] : [{ kind: 'table.copied', table: tableOf(body['relation']) }],
  VariableSetStmt: setting,
  SelectStmt: configured,
  TransactionStmt: transaction,
  DoStmt: () => [{ kind: 'code', what: 'do' }],
  CallStmt: () => [{ kind: 'code', what: 'call' }],
}

/** What a statement of PostgreSQL's parse tree does. */
export function opsOf(statement: unknown): Op[] {
  const { kind, body } = inside(statement)
  return READERS[kind]?.(body) ?? []
}

const ranges = (value: unknown): Name[] => nodes(value).map(one => tableOf(one['RangeVar']))
const alone = (is: boolean, what: string): Op[] => (is ? [{ kind: 'alone', what }] : [])
const flag = (options: unknown, name: string): boolean =>
  nodes(options).some(one => {
    const { defname, arg } = node(one['DefElem'])
    const said = String(inside(arg).body['sval'] ?? inside(arg).body['boolval'] ?? 'true').toLowerCase()
    return defname === name && !['false', 'off', '0', 'no'].includes(said)
  })

function create(body: Node): Op[] {
  const table = tableOf(body['relation'])
  const elements = nodes(body['tableElts'])
  const partitionOf = nodes(body['inhRelations'])[0]
  return [
    {
      ...{ kind: 'table.create', table, temporary: node(body['relation'])['relpersistence'] === 't' },
      columns: elements.flatMap(one => (one['ColumnDef'] ? columnOf(node(one['ColumnDef'])) : [])),
      constraints: elements.flatMap(one => constraintOf(node(one['Constraint']), null) ?? []),
      partitionOf:
        body['partbound'] === undefined || partitionOf === undefined
          ? null
          : tableOf(partitionOf['RangeVar']),
    },
  ]
}

function renamed(body: Node): Op[] {
  const to = text(body['newname']) ?? ''
  const from = text(body['subname']) ?? ''
  if (body['renameType'] === 'OBJECT_SCHEMA') return [{ kind: 'schema.rename', schema: from, to }]
  const table = tableOf(body['relation'])
  if (body['renameType'] === 'OBJECT_COLUMN') return [{ kind: 'column.rename', table, column: from, to }]
  return ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(String(body['renameType']))
    ? [{ kind: 'table.rename', table, to, schema: table.schema }]
    : []
}

/** To another schema, which is another name for whoever asks. */
function moved(body: Node): Op[] {
  if (!['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(String(body['objectType']))) return []
  const table = tableOf(body['relation'])
  return [{ kind: 'table.rename', table, to: table.name, schema: text(body['newschema']) }]
}

function dropped(body: Node): Op[] {
  const objects = nodes(body['objects'])
  const cascade = body['behavior'] === 'DROP_CASCADE'
  const names = objects.map(one => nameOf(strings(node(one['List'])['items'])))
  const concurrently = body['concurrent'] === true
  switch (body['removeType']) {
    case 'OBJECT_TABLE':
      return names.map(table => ({ kind: 'table.drop', table, cascade }))
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return names.map(table => ({ kind: 'view.drop', table, cascade }))
    case 'OBJECT_SCHEMA':
      return strings(objects).map(schema => ({ kind: 'schema.drop', schema, cascade }))
    case 'OBJECT_INDEX':
      return [
        ...names.map(
          (index): Op => ({
            ...{ kind: 'index.drop', index, concurrently, careful: body['missing_ok'] === true },
          }),
        ),
        ...alone(concurrently, 'drop index concurrently'),
      ]
    default:
      return []
  }
}

function reindexed(body: Node): Op[] {
  const of = String(body['kind']).replace('REINDEX_OBJECT_', '').toLowerCase()
  const concurrently = flag(body['params'], 'concurrently')
  const known = of === 'index' || of === 'table' || of === 'schema' ? of : 'database'
  const name = body['relation'] === undefined ? null : tableOf(body['relation'])
  return [
    { kind: 'index.reindex', of: known, name, concurrently },
    ...alone(concurrently || known === 'schema' || known === 'database', 'reindex concurrently'),
  ]
}

function vacuumed(body: Node): Op[] {
  if (body['is_vacuumcmd'] !== true) return []
  const tables = nodes(body['rels']).map(one => tableOf(node(one['VacuumRelation'])['relation']))
  const full = flag(body['options'], 'full')
  return [
    ...(full
      ? (tables.length === 0 ? [null] : tables).map(
          (table): Op => ({
            ...{ kind: 'table.rewrite', table, by: 'vacuum full' },
          }),
        )
      : []),
    { kind: 'alone', what: 'vacuum' },
  ]
}

function changedEnum(body: Node): Op[] {
  const type = nameOf(strings(body['typeName']))
  const [value, to] = [text(body['oldVal']), text(body['newVal']) ?? '']
  return value === null
    ? [{ kind: 'enum.add', type, value: to, placed: body['newValNeighbor'] !== undefined }]
    : [{ kind: 'enum.rename', type, value, to }]
}

/** A batch is bounded by rows that a subquery picks, by `limit` or by a range of keys that stand there as values. */
function changedRows(body: Node, by: 'update' | 'delete' | 'insert'): Extract<Op, { kind: 'rows.change' }> {
  const where = body['whereClause']
  const bounded =
    [...walk({ where })].some(
      ({ kind, body: part }) => kind === 'SelectStmt' && part['limitCount'] !== undefined,
    ) || picksKeys(where)
  return { kind: 'rows.change', table: tableOf(body['relation']), by, bounded }
}

/** `id = 1` or `id in (1, 2)`, and nothing joined to it by `or`. */
function picksKeys(where: unknown): boolean {
  const { kind, body } = inside(where)
  if (kind === 'BoolExpr') return body['boolop'] === 'AND_EXPR' && nodes(body['args']).some(picksKeys)
  if (kind !== 'A_Expr') return false
  const column = strings(node(node(body['lexpr'])['ColumnRef'])['fields']).at(-1)
  const equal = strings(body['name'])[0] === '='
  return equal && column !== undefined && /^(id|uuid|key|code|slug)$/i.test(column)
}

const readsTables = (select: unknown): boolean =>
  [...walk({ select })].some(({ kind }) => kind === 'RangeVar')

function setting(body: Node): Op[] {
  if (body['name'] === undefined) return []
  const constant = node(nodes(body['args'])[0]?.['A_Const'])
  const value = body['kind'] === 'VAR_SET_VALUE' ? written(constant) : null
  return [{ kind: 'setting', name: String(body['name']).toLowerCase(), value }]
}

const written = (constant: Node): string =>
  text(node(constant['sval'])['sval']) ??
  text(node(constant['fval'])['fval']) ??
  String(node(constant['ival'])['ival'] ?? 0)

/** `select set_config('lock_timeout', '0', false)`, as pg_dump writes it. */
function configured(body: Node): Op[] {
  return nodes(body['targetList']).flatMap((one): Op[] => {
    const call = node(node(node(one['ResTarget'])['val'])['FuncCall'])
    if (strings(call['funcname']).at(-1) !== 'set_config') return []
    const [name, value] = nodes(call['args']).map(arg => text(node(node(arg['A_Const'])['sval'])['sval']))
    return name == null ? [] : [{ kind: 'setting', name: name.toLowerCase(), value: value ?? null }]
  })
}

function transaction(body: Node): Op[] {
  const kind = String(body['kind']).replace('TRANS_STMT_', '')
  if (kind === 'BEGIN' || kind === 'START') return [{ kind: 'transaction', does: 'begin' }]
  if (kind === 'COMMIT' || kind === 'PREPARE') return [{ kind: 'transaction', does: 'commit' }]
  return kind === 'ROLLBACK' ? [{ kind: 'transaction', does: 'rollback' }] : []
}
