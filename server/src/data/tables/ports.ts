import type { RestorePorts } from '../restores/ports.ts'
import type { Rows } from './rows.ts'
import type { TableStore } from './store.ts'

/** What restoring single tables uses, beyond what restores use. */
export interface TablePorts extends RestorePorts {
  tables: TableStore
  rows: Rows
}

/** The ports for single tables of each app. */
export interface TablesPorts extends Pick<TablePorts, 'tables' | 'home' | 'files' | 'clock'> {
  of(app: string): TablePorts
}
