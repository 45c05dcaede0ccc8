import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { homeAt } from '../config/home.ts'
import { KEPT_KEY, KEPT_STORE } from '../data/backups/keeper-files.ts'
import type { KitTools, MachineTools } from '../data/recovery/from-kit.ts'
import { openStore } from '../db/db.ts'
import { ageCipher } from '../drivers/age/age.ts'
import { exists, makeFolder, removeTree, writeDurable } from '../drivers/host/files.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { dataOf, programsOf } from '../drivers/postgres/create.ts'
import { snapshotsOf } from './wire-backups.ts'

/** pgBackRest wants to know the folder of its programs only for what a kit never does. */
const UNKNOWN = { major: 0, bin: '' }

/** Opens the backups of a recovery kit with its key, without a keeper. */
export const kitTools = (root: string): KitTools => ({
  snapshotsOf: ({ passphrase }, cache) => snapshotsOf(async () => passphrase, cache),
  physicalOf: ({ passphrase }, { app, work }) =>
    pgbackrest({
      stanza: app,
      at: join(work, 'pgbackrest', app),
      account: () => packageAccount('postgres'),
      passphrase: async () => passphrase,
      cluster: async () => ({
        ...UNKNOWN,
        data: dataOf(homeAt(root).cluster(app)),
        socketFolder: homeAt(root).run,
        port: 5432,
        user: 'innkeeper',
        passFile: join(work, 'pgpass'),
      }),
    }),
  async openKept(snapshots, order) {
    await mkdir(order.into, { mode: 0o700 })
    await snapshots.restore(order)
    return openStore(join(order.into, KEPT_STORE), ageCipher(join(order.into, KEPT_KEY)))
  },
  remove: removeTree,
  exists,
})

/** The same, and what `inn recover` does on its machine before there is a keeper. */
export const machineTools = (root: string): MachineTools => ({
  ...kitTools(root),
  folder: makeFolder,
  write: writeDurable,
  hasMajor: programsOf,
})
