import type { RestorePorts } from '../restores/ports.ts'
import type { Rows } from './rows.ts'
import type { TableStore } from './store.ts'

/** What bringing single tables back touches besides. */
export interface TablePorts extends RestorePorts {
  tables: TableStore
  rows: Rows
}
