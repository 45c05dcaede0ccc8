import type { CopyPorts } from '../data/copies/ports.ts'
import { lentStore } from '../data/copies/store.ts'
import type { RestorePorts } from '../data/restores/ports.ts'
import type { TablePorts } from '../data/tables/ports.ts'
import { tableStore } from '../data/tables/store.ts'
import type { Store } from '../db/db.ts'
import { freePartPort } from '../drivers/host/ports.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { postgresRows } from '../drivers/postgres/rows.ts'

/** What copies to look at touch besides. */
export const copyPorts = (restores: RestorePorts, store: Store): CopyPorts => ({
  ...restores,
  lent: lentStore(store, restores.clock.now),
  freePort: freePartPort,
})

/** What bringing single tables back touches besides. */
export const tablePorts = (restores: RestorePorts, store: Store): TablePorts => ({
  ...restores,
  tables: tableStore(store, restores.clock.now),
  rows: postgresRows(() => packageAccount('postgres')),
})
