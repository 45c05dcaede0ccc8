import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { quoteConninfo } from '../../kernel/quote.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { ServiceSpec, Supervisor } from '../../servers/supervisor/supervisor.ts'
import { exists, makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { ownedFolder } from './create.ts'
import { RECEIVER } from './heartbeat.ts'

interface Options {
  app: string
  /** Name of the receiver's service. */
  receiver: string
  /** Folder with the cluster and our records about it. */
  at: string
  /** Log folder of the cluster; the log folder of the receiver lies beside it. */
  log: string
  supervisor: Supervisor
  account: () => Promise<Account | null>
  place: () => Promise<ClusterPlace | null>
  using: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>
}

const IN_STEP_MS = 30_000
/** The replication slot holds back at most as much WAL as the archive queue does. */
const WAITING_LOG = '4GB'
const SEGMENT_BYTES = 16 * 1024 ** 2

/** The file that records the folder that the WAL is streamed to; without it, nothing is streamed. */
const recordOf = (at: string): string => join(at, 'receiving')
const recorded = async (at: string): Promise<string | null> =>
  (await readFile(recordOf(at), 'utf8').catch(() => '')) || null
const logOf = (log: string): string => `${log}-receiver`

/**
 * pg_receivewal as a service of the supervisor. While it does not run, its replication slot holds back the WAL. A slot is
 * in no backup, so a restored cluster, or another folder, begins anew, in a folder named after its first segment.
 */
export function receiving(options: Options) {
  const { at, log, place, using } = options
  return {
    define: (folder: string): Promise<string> => define(options, folder),

    receivedAt: async () => {
      const into = await recorded(at)
      return into === null ? null : dirname(into)
    },

    /** Turns the waiting of commits off; those that wait now go on at once. */
    async forget(): Promise<void> {
      if ((await place()) === null) return
      await using(client => setWaiting(client, false))
      await end(options)
      const into = await recorded(at)
      if (into !== null) await removeTree(dirname(into))
      await rm(recordOf(at), { force: true })
    },

    /** Resolves when every commit waits for the stream. Commits are not made to wait before the stream has caught up. */
    async inStep(into: string, signal?: AbortSignal): Promise<void> {
      for (const last = Date.now() + IN_STEP_MS; Date.now() < last; await sleep(100, undefined, { signal })) {
        const state = await using(stateOf)
        if (state === 'sync') return
        if (state !== null) await using(client => setWaiting(client, true))
      }
      const said = await readFile(join(logOf(log), 'current'), 'utf8').catch(() => '')
      throw unready(
        options.app,
        into,
        telling(said.replaceAll(/^\S+ - /gm, '')) || 'pg_receivewal says nothing',
      )
    },
  }
}

/** Defines and starts the receiver; resolves with the subfolder of `folder` that it writes to from now on. */
async function define(options: Options, folder: string): Promise<string> {
  const { app, at, supervisor, receiver, place, using } = options
  const cluster = await place()
  if (cluster === null) throw unready(app, folder, 'there is no cluster')
  const known = await recorded(at)
  const goesOn =
    known !== null && dirname(known) === folder && (await exists(known)) && (await using(hasSlot))
  const into = goesOn ? known : await begin(options, folder)
  const pid = (await supervisor.state(receiver))?.pid ?? null
  if (pid === null) await removeShort(into)
  await supervisor.define(await serviceOf(options, cluster, into))
  await supervisor.start(receiver)
  if (known !== null && dirname(known) !== folder) await removeTree(dirname(known))
  return into
}

async function serviceOf(
  { receiver, account, log }: Options,
  cluster: ClusterPlace,
  into: string,
): Promise<ServiceSpec> {
  return {
    name: receiver,
    argv: [
      join(cluster.bin, 'pg_receivewal'),
      ...['--directory', into],
      ...['--slot', RECEIVER],
      ...['--synchronous', '--no-loop', '--no-password'],
      '--dbname',
      `host=${quoteConninfo(cluster.socketFolder)} port=${cluster.port} user=${quoteConninfo(cluster.user)} application_name=${RECEIVER}`,
    ],
    cwd: '/',
    env: { LANG: 'C.UTF-8', PGPASSFILE: cluster.passFile },
    user: (await account())?.name ?? null,
    log: logOf(log),
    tag: '-',
    graceSeconds: 10,
  }
}

/** Makes a new folder and a new slot. The folder comes first, because the slot begins to hold back WAL at once. */
async function begin(options: Options, folder: string): Promise<string> {
  const { at, using, account } = options
  await end(options)
  const into = join(folder, await using(currentSegment))
  const owner = await account()
  // The folder above has those of all apps, and PostgreSQL's user has to get through it.
  await makeFolder(dirname(folder))
  for (const path of [folder, into]) await ownedFolder(path, owner, 'making the folder that commits go to')
  await using(async client => {
    // Commits of the keeper's own role do not wait for the receiver.
    await client.query('alter role current_user set synchronous_commit = local')
    await client.query(`alter system set max_slot_wal_keep_size = '${WAITING_LOG}'`)
    await client.query('select pg_reload_conf()')
    await client.query('select pg_create_physical_replication_slot($1, true)', [RECEIVER])
  })
  await writeDurable(recordOf(at), into)
  return into
}

async function end({ supervisor, receiver, using }: Options): Promise<void> {
  if ((await supervisor.state(receiver)) !== null) await supervisor.remove(receiver)
  await using(client =>
    client.query(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1',
      [RECEIVER],
    ),
  )
}

/** A full disk or a kill leaves a .partial file that is shorter than a segment, and pg_receivewal refuses to start with it. No commit was acknowledged from such a file. */
async function removeShort(folder: string): Promise<void> {
  const partial = (await readdir(folder)).filter(name => name.endsWith('.partial'))
  for (const path of partial.map(name => join(folder, name)))
    if ((await stat(path)).size !== SEGMENT_BYTES) await rm(path)
}

const unready = (app: string, into: string, why: string): Failure =>
  new Failure('rpo.receiver', `${into} does not take the write-ahead log`, {
    why,
    fix: `\`inn logs ${app} --service postgres-receiver\`; df says whether the disk is there and has room`,
  })

async function setWaiting(client: pg.Client, waits: boolean): Promise<void> {
  await client.query(
    waits
      ? `alter system set synchronous_standby_names = '${RECEIVER}'`
      : 'alter system reset synchronous_standby_names',
  )
  await client.query('select pg_reload_conf()')
}

async function currentSegment(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'select pg_walfile_name(pg_current_wal_lsn()) as name',
  )
  return rows[0]!.name
}

/** Whether the replication slot exists and has lost no WAL: a slot that has lost some is useless. */
async function hasSlot(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_replication_slots where slot_name = $1 and wal_status in ('reserved', 'extended')`,
    [RECEIVER],
  )
  return rowCount === 1
}

/** sync_state of the receiver. `async`: it has caught up, and no commit waits for it yet; null: it is not streaming. */
async function stateOf(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ sync_state: string }>(
    `select sync_state from pg_stat_replication where application_name = $1 and state = 'streaming'`,
    [RECEIVER],
  )
  return rows[0]?.sync_state ?? null
}
