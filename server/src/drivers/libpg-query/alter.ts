import type { Name, Op } from '../../apps/lint/op.ts'
import { columnOf, constraintOf, typeOf } from './columns.ts'
import { type Node, node, nodes, tableOf, text } from './nodes.ts'

type Reader = (table: Name, command: Node) => Op[]

const column = (command: Node): string => text(command['name']) ?? ''
const constraint = (command: Node) => node(node(command['def'])['Constraint'])
const partition = (command: Node) => node(node(command['def'])['PartitionCmd'])

const READERS: Readonly<Record<string, Reader>> = {
  AT_AddColumn: (table, command) => [
    { kind: 'column.add', table, column: columnOf(node(node(command['def'])['ColumnDef'])) },
  ],
  AT_DropColumn: (table, command) => [{ kind: 'column.drop', table, column: column(command) }],
  AT_AlterColumnType: (table, command) => {
    const def = node(node(command['def'])['ColumnDef'])
    const using = def['raw_default'] !== undefined
    return [{ kind: 'column.type', table, column: column(command), ...typeOf(def['typeName']), using }]
  },
  AT_SetNotNull: (table, command) => [{ kind: 'column.not-null', table, column: column(command) }],
  AT_DropNotNull: (table, command) => [{ kind: 'column.null', table, column: column(command) }],
  AT_AddConstraint: (table, command) => {
    const read = constraintOf(constraint(command), null)
    return read === null ? [] : [{ kind: 'constraint.add', table, constraint: read }]
  },
  AT_ValidateConstraint: (table, command) => [{ kind: 'constraint.validate', table, name: column(command) }],
  AT_DropConstraint: (table, command) => [{ kind: 'constraint.drop', table, name: column(command) }],
  AT_SetTableSpace: table => [{ kind: 'table.rewrite', table, by: 'set tablespace' }],
  AT_SetLogged: table => [{ kind: 'table.rewrite', table, by: 'set logged' }],
  AT_SetUnLogged: table => [{ kind: 'table.rewrite', table, by: 'set unlogged' }],
  AT_SetAccessMethod: table => [{ kind: 'table.rewrite', table, by: 'set access method' }],
  AT_AttachPartition: (table, command) => [
    { kind: 'partition.attach', table, partition: tableOf(partition(command)['name']), concurrently: false },
  ],
  AT_DetachPartition: (table, command) => [
    {
      ...{ kind: 'partition.detach', table, partition: tableOf(partition(command)['name']) },
      concurrently: partition(command)['concurrent'] === true,
    },
  ],
}

/** What `alter table` and its like do, one part after the other. What is not known is a short change of the table. */
export function alterOps(body: Node): Op[] {
  if (body['objtype'] !== 'OBJECT_TABLE') return []
  const table = tableOf(body['relation'])
  return nodes(body['cmds']).flatMap(one => {
    const command = node(one['AlterTableCmd'])
    const subtype = text(command['subtype']) ?? ''
    return READERS[subtype]?.(table, command) ?? [{ kind: 'table.change', table, by: subtype }]
  })
}
