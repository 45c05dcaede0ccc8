import type { CopyPorts } from '../copies/ports.ts'
import { lentStore } from '../copies/store.ts'
import type { Store } from '../db/db.ts'
import { freePartPort } from '../drivers/ports.ts'
import { postgresRows } from '../drivers/postgres-rows.ts'
import { packageAccount } from '../drivers/users.ts'
import type { RestorePorts } from '../restores/ports.ts'
import type { TablePorts } from '../tables/ports.ts'
import { tableStore } from '../tables/store.ts'

/** What copies to look at touch besides. */
export const copyPorts = (restores: RestorePorts, store: Store): CopyPorts => ({
  ...restores,
  lent: lentStore(store, restores.deploys.clock.now),
  freePort: freePartPort,
})

/** What bringing single tables back touches besides. */
export const tablePorts = (restores: RestorePorts, store: Store): TablePorts => ({
  ...restores,
  tables: tableStore(store, restores.deploys.clock.now),
  rows: postgresRows(() => packageAccount('postgres')),
})
