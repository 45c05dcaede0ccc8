import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { homeAt } from '../config/home.ts'
import { KEPT_STORE } from '../data/backups/keeper-files.ts'
import type { KitTools } from '../data/recovery/from-kit.ts'
import { within } from '../data/repositories/within.ts'
import { openStore } from '../db/db.ts'
import { removeTree } from '../drivers/host/files.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { restic } from '../drivers/restic/restic.ts'

/** Opens the backups of a recovery kit with its key, without a keeper. */
export const kitTools = (root: string): KitTools => ({
  snapshotsOf: ({ passphrase }, cache) =>
    within('restic', restic({ password: async () => passphrase, cache, network: networkEnv(process.env) })),
  physicalOf: ({ postgres, passphrase }, work) =>
    pgbackrest({
      at: join(work, 'pgbackrest'),
      account: () => packageAccount('postgres'),
      passphrase: async () => passphrase,
      cluster: async () =>
        postgres === null
          ? null
          : {
              major: postgres,
              bin: `/usr/lib/postgresql/${postgres}/bin`,
              data: join(homeAt(root).postgres, String(postgres)),
              socketFolder: homeAt(root).run,
              port: 5432,
              user: 'innkeeper',
              passFile: join(work, 'pgpass'),
            },
    }),
  async openKept(snapshots, order) {
    await mkdir(order.into, { mode: 0o700 })
    await snapshots.restore(order)
    return openStore(join(order.into, KEPT_STORE))
  },
  remove: removeTree,
})
