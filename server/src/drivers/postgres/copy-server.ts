import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { CopyAccess } from './copy-access.ts'
import type { CopyPlaces } from './copy-places.ts'
import { programsOf } from './create.ts'
import { whilePostgresAnswers } from './frozen.ts'
import { reasonOf } from './reason.ts'

export interface Options {
  /** The app whose cluster is copied. */
  app: string
  /** Folder of the copies of this app. */
  at: string
  run: string
  logs: string
  supervisor: Supervisor
  account: () => Promise<Account | null>
  cluster: () => Promise<ClusterPlace | null>
}

/** Longest recovery. 1.5 GB of WAL take about twenty seconds; a day of it may take minutes. */
const LONGEST_RECOVERY_MS = 6 * 3_600_000

interface Definition {
  name: string
  port: number | null
  /** With lower priority than the services. */
  background: boolean
  /** It takes the place of the cluster afterwards. */
  replaces: boolean
}

/**
 * Makes the supervisor notice the service of a copy before it is known what it runs: that takes a second or more,
 * which pass while the files are fetched.
 */
export async function reserveCopy(
  { supervisor, account }: Options,
  places: CopyPlaces,
  name: string,
): Promise<void> {
  await supervisor.define({
    name: places.service(name),
    argv: ['false'],
    cwd: '/',
    env: {},
    user: (await account())?.name ?? null,
    log: places.log(name),
    tag: '-',
    graceSeconds: 1,
  })
}

/** Defines the service of one copy, without starting it. */
export async function defineCopy(
  { supervisor, account }: Options,
  places: CopyPlaces,
  { name, port, background, replaces }: Definition,
): Promise<void> {
  const { major, data, socketFolder } = await places.place(name)
  const listening = { port, socketFolder, socketPort: places.socketPort, replaces }
  await supervisor.define({
    name: places.service(name),
    argv: [
      ...(background ? ['nice', '-n', '10', 'ionice', '-c', '3'] : []),
      ...[join(await programsOf(major), 'postgres'), '-D', data],
      ...settings(listening).flatMap(setting => ['-c', setting]),
    ],
    cwd: '/',
    env: { LANG: 'C.UTF-8' },
    user: (await account())?.name ?? null,
    log: places.log(name),
    tag: '-',
    graceSeconds: 60,
    stopSignal: 'INT',
  })
}

/** Starts a copy; resolves when it has reached its target. Failure `restore.target`, `restore.unrecovered`. */
export async function startCopy(
  { supervisor, account }: Options,
  { places, access }: { places: CopyPlaces; access: CopyAccess },
  { name, signal }: { name: string; signal?: AbortSignal | undefined },
): Promise<void> {
  const user = await account()
  const sockets = places.socketFolder(name)
  await mkdir(sockets, { recursive: true, mode: 0o755 })
  if (user !== null) await chown(sockets, user.uid, user.gid)
  const service = places.service(name)
  await supervisor.start(service)
  const { port } = await places.place(name)
  // A server that replays its log says so to whoever asks; a frozen one says nothing.
  const reached = await whilePostgresAnswers({ host: sockets, port }, signal, async over => {
    for (const ends = Date.now() + LONGEST_RECOVERY_MS; Date.now() < ends; ) {
      if (await isRecovered(access, name)) return true
      if (((await supervisor.state(service))?.crashes ?? 0) > 0) break
      await sleep(50, undefined, { signal: over })
    }
    return false
  })
  if (reached) return
  signal?.throwIfAborted()
  await supervisor.stop(service)
  throw await unreached(places.log(name))
}

/** Whether the copy has reached its target. It accepts no connection before, so a connection shows it. */
async function isRecovered(access: CopyAccess, name: string): Promise<boolean> {
  try {
    return await access.superuser(name, 'postgres', async query => {
      const [row] = await query('select pg_catalog.pg_is_in_recovery() as still')
      return row!['still'] === false
    })
  } catch {
    // Not yet. Its log says what it waits for; the supervisor counts its crashes.
    return false
  }
}

interface Listening {
  port: number | null
  socketFolder: string
  /** The port in the socket's name, when the copy does not listen on the network. */
  socketPort: number
  replaces: boolean
}

/**
 * Settings of a copy. It must never archive: one that only looks has archiving off. One that takes the place of the
 * cluster has it on without a command: so PostgreSQL notes what has to be archived once it serves. A command that fails
 * would be tried for three seconds when the copy is stopped. A copy
 * without a port runs without fsync: it is made again after a power cut, or written to the disk before it serves.
 */
const settings = ({ port, socketFolder, socketPort, replaces }: Listening): string[] => [
  `archive_mode=${replaces ? 'on' : 'off'}`,
  'archive_command=',
  'synchronous_standby_names=',
  // A subscription of the copy would take from its publisher what the real cluster still needs.
  'max_logical_replication_workers=0',
  'hot_standby=off',
  `listen_addresses=${port === null ? '' : '127.0.0.1'}`,
  `port=${port ?? socketPort}`,
  `unix_socket_directories=${socketFolder}`,
  'unix_socket_permissions=0777',
  'password_encryption=scram-sha-256',
  'log_destination=stderr',
  'logging_collector=off',
  'shared_buffers=64MB',
  'max_wal_size=4GB',
  ...(port === null ? ['fsync=off', 'full_page_writes=off'] : []),
  'autovacuum=off',
]

async function unreached(log: string): Promise<Failure> {
  const why = (await reasonOf(log)) || 'its log has no reason'
  if (/recovery ended before configured recovery target/.test(why))
    return new Failure('restore.target', 'the write-ahead log ends before that moment', {
      why,
      fix: '`inn backup list` shows the window that can be restored',
    })
  // Of pgBackRest's own words the first alone stand in every version: the system's reason is not among them.
  if (/No space left on device|FileWriteError/.test(why))
    return new Failure(
      'backup.space',
      'the disk was full, or failed, while the write-ahead log was replayed',
      {
        why,
        fix: '`df -h` shows what is full; free some space, then restore again. What serves was not changed',
      },
    )
  return new Failure('restore.unrecovered', 'the restored copy does not come up', {
    why,
    fix: 'restore from another backup or place: `inn backup verify` says what is sound',
  })
}
