import { chown, rename } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import type { Place } from '../../data/places/place.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Secret } from '../../kernel/secret.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exists, giveFolder, makeFolder, writeDurable } from '../host/files.ts'
import { configuration } from './conf.ts'

export interface Options {
  /** What pgBackRest calls the cluster: the name of the app. */
  stanza: string
  /** Folder for its configuration and working files. */
  at: string
  /** The user that PostgreSQL runs as; null: the keeper's own user. */
  account: () => Promise<Account | null>
  cluster: () => Promise<ClusterPlace | null>
  /** The passphrase that encrypts every place. */
  passphrase: () => Promise<Secret>
}

export type ConfFiles = ReturnType<typeof confFiles>

/** The configuration files of pgBackRest, and the folders that it works in. */
export function confFiles(options: Options) {
  const { at } = options
  // One file after the other, because a timer and a run may write the same file at the same moment.
  const turn = inTurns()
  /** The configuration of the archive_command, which has all places. */
  const shared = join(at, 'pgbackrest.conf')
  /** While this file is there, the archive_command keeps nothing. */
  const nowhere = join(at, 'archive-nowhere')
  const ownFolder = async (path: string): Promise<void> => giveFolder(path, await options.account(), 0o700)

  async function write(path: string, places: readonly Place[], work = at): Promise<void> {
    const cluster = await clusterOf(options)
    const lock = path === shared ? 'archive' : 'backup'
    await makeFolder(work)
    await makeFolder(at)
    for (const part of ['log', 'lock', 'spool', join('lock', lock)]) await ownFolder(join(work, part))
    // A backup leaves half of the processors to the services; a restore uses all, because somebody waits for it.
    const processes = work === at ? Math.max(1, Math.floor(cpus().length / 2)) : cpus().length
    const passphrase = await options.passphrase()
    const text = configuration({ stanza: options.stanza, places, cluster, passphrase, work, lock, processes })
    await turn(async () => put(path, text, await options.account()))
  }

  /** Path of the configuration that has only this place. */
  const of = (place: Place): string => join(at, `pgbackrest.${place.name}.conf`)

  return {
    shared,
    nowhere,
    of,
    ownFolder,
    write,
    writeOf: (place: Place) => write(of(place), [place]),
    async ensure(place: Place): Promise<void> {
      if (!(await exists(of(place)))) await write(of(place), [place])
    },
  }
}

async function put(path: string, text: string, account: Account | null): Promise<void> {
  // Only its owner can read it, from the first byte on. It is replaced by a rename, because the archive_command may read it at any time.
  await writeDurable(`${path}.new`, text)
  if (account !== null) await chown(`${path}.new`, account.uid, account.gid)
  await rename(`${path}.new`, path)
}

export async function clusterOf({ cluster }: Pick<Options, 'cluster'>): Promise<ClusterPlace> {
  const place = await cluster()
  if (place !== null) return place
  throw new Failure('backup.no-cluster', 'there is no PostgreSQL here to back up', {
    why: 'no app with database: { postgres: true } was deployed',
    fix: 'nothing to do',
  })
}
