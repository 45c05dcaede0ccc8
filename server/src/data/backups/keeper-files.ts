import { join } from 'node:path'
import type { Home } from '../../config/home.ts'

/** Name of the keeper's store in a snapshot of the keeper's state. */
export const KEPT_STORE = 'keeper.db'
/** Name of the key that opens the secrets in it. */
export const KEPT_KEY = 'keeper.key'

/** Our records about a cluster, without which its files cannot be restored or opened. */
const RECORDS = ['password', 'port', 'major'] as const

/** The keeper's own files: name in the snapshot → path in a home. Backup and recovery both use this list. `clusters`: apps that have one. */
export const keeperFiles = (home: Home, clusters: readonly string[]): Record<string, string> => ({
  [KEPT_STORE]: home.store,
  [KEPT_KEY]: home.key,
  'settings.json': join(home.root, 'settings.json'),
  ...Object.fromEntries(
    clusters.flatMap(app =>
      RECORDS.map(record => [`cluster.${app}.${record}`, join(home.cluster(app), record)]),
    ),
  ),
})

/** Apps whose clusters have records among these files. */
export const clustersIn = (names: readonly string[]): string[] =>
  names.flatMap(name => /^cluster\.([^.]+)\.port$/.exec(name)?.[1] ?? [])
