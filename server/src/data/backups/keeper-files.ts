import { join } from 'node:path'
import type { Home } from '../../config/home.ts'

/** Name of the keeper's store in a snapshot of the keeper's state. */
export const KEPT_STORE = 'keeper.db'

/** The keeper's own files: name in the snapshot → path in a home. Backup and recovery both use this list. */
export const keeperFiles = (home: Home) => ({
  [KEPT_STORE]: home.store,
  'settings.json': join(home.root, 'settings.json'),
  'postgres-password': join(home.postgres, 'password'),
  'postgres-port': join(home.postgres, 'port'),
})
