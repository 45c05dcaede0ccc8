import { join } from 'node:path'
import type { Home } from '../../config/home.ts'

/** The keeper's store, in a snapshot of its state. */
export const KEPT_STORE = 'keeper.db'

/** What is kept of the keeper itself: name in the snapshot → where it is in a home. Kept and brought back by this list. */
export const keeperFiles = (home: Home) => ({
  [KEPT_STORE]: home.store,
  'settings.json': join(home.root, 'settings.json'),
  'postgres-password': join(home.postgres, 'password'),
  'postgres-port': join(home.postgres, 'port'),
})
