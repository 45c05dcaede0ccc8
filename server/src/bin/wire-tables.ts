import type { DeployPorts } from '../apps/deploys/ports.ts'
import type { CopiesPorts } from '../data/copies/ports.ts'
import { lentStore } from '../data/copies/store.ts'
import type { RestoresPorts } from '../data/restores/ports.ts'
import type { TablesPorts } from '../data/tables/ports.ts'
import { tableStore } from '../data/tables/store.ts'
import { freePartPort } from '../drivers/host/ports.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { postgresRows } from '../drivers/postgres/rows.ts'
import { perName } from '../kernel/per-name.ts'
import type { Ground } from './ground.ts'

/** The ports of copies to look at, beyond those of restores. */
export function copyPorts(restores: RestoresPorts, { store, apps, clock }: Ground): CopiesPorts {
  const lent = lentStore(store, clock.now)
  return { lent, apps, clock, of: perName(app => ({ ...restores.of(app), lent, freePort: freePartPort })) }
}

/** The ports for restoring single tables, beyond those of restores. */
export function tablePorts(
  restores: RestoresPorts,
  { home, files }: Pick<DeployPorts, 'home' | 'files'>,
  { store, clock }: Ground,
): TablesPorts {
  const tables = tableStore(store, clock.now)
  const rows = postgresRows(() => packageAccount('postgres'))
  return { tables, home, files, clock, of: perName(app => ({ ...restores.of(app), tables, rows })) }
}
