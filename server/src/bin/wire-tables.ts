import type { CopyPorts } from '../data/copies/ports.ts'
import { lentStore } from '../data/copies/store.ts'
import type { RestorePorts } from '../data/restores/ports.ts'
import type { TablePorts } from '../data/tables/ports.ts'
import { tableStore } from '../data/tables/store.ts'
import type { Store } from '../db/db.ts'
import { freePartPort } from '../drivers/host/ports.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { postgresRows } from '../drivers/postgres/rows.ts'

/** The ports of copies to look at, beyond those of restores. */
export const copyPorts = (restores: RestorePorts, store: Store): CopyPorts => ({
  ...restores,
  lent: lentStore(store, restores.clock.now),
  freePort: freePartPort,
})

/** The ports for restoring single tables, beyond those of restores. */
export const tablePorts = (restores: RestorePorts, store: Store): TablePorts => ({
  ...restores,
  tables: tableStore(store, restores.clock.now),
  rows: postgresRows(() => packageAccount('postgres')),
})
