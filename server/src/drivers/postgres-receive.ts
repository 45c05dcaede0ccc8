import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Account } from '../apps/account.ts'
import type { ClusterPlace, DatabaseAccess } from '../databases/cluster.ts'
import { Failure } from '../kernel/failure.ts'
import { telling } from '../kernel/output.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import { execOk } from './exec.ts'
import { RECEIVER } from './postgres-heartbeat.ts'

interface Options {
  /** Of the cluster; that of the receiver lies beside it. */
  log: string
  supervisor: Supervisor
  account: () => Promise<Account | null>
  place: () => Promise<ClusterPlace | null>
  using: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>
}

const SERVICE = 'postgres-receiver'
const IN_STEP_MS = 30_000

/**
 * PostgreSQL's own pg_receivewal, kept by the supervisor. Its slot holds the log back while it is away, and is in no
 * backup: a cluster that came back begins another folder, named by the segment that it begins with.
 */
export function receiving({ log, supervisor, account, place, using }: Options) {
  const logOf = `${log}-receiver`

  /** The folder that it goes to from now on; null: none. */
  async function define(folder: string | null): Promise<string | null> {
    const cluster = await place()
    if (folder === null || cluster === null) {
      await forget()
      return null
    }
    const [newest] = (await readdir(folder).catch(() => [])).sort().reverse()
    const goesOn = newest !== undefined && (await using(hasSlot))
    const into = join(folder, goesOn ? newest : await begin(folder))
    await supervisor.define({
      name: SERVICE,
      argv: [
        join(cluster.bin, 'pg_receivewal'),
        ...['--directory', into],
        ...['--slot', RECEIVER],
        ...['--synchronous', '--no-loop', '--no-password'],
        '--dbname',
        `host=${cluster.socketFolder} port=${cluster.port} user=${cluster.user} application_name=${RECEIVER}`,
      ],
      cwd: '/',
      env: { LANG: 'C.UTF-8', PGPASSFILE: cluster.passFile },
      user: (await account())?.name ?? null,
      log: logOf,
      tag: '-',
      graceSeconds: 10,
    })
    await supervisor.start(SERVICE)
    return into
  }

  /** Name of a new folder for what is written from now on. */
  async function begin(folder: string): Promise<string> {
    await forget()
    const name = await using(async client => {
      await client.query('select pg_create_physical_replication_slot($1, true)', [RECEIVER])
      const { rows } = await client.query<{ name: string }>(
        'select pg_walfile_name(pg_current_wal_lsn()) as name',
      )
      return rows[0]!.name
    })
    const owner = await account()
    const owned = owner === null ? [] : ['-o', owner.name, '-g', owner.name]
    for (const path of [folder, join(folder, name)])
      await execOk(
        { argv: ['install', '-d', '-m', '700', ...owned, path], timeoutMs: 10_000 },
        'making the folder that commits go to',
      )
    return name
  }

  async function forget(): Promise<void> {
    if ((await supervisor.state(SERVICE)) !== null) await supervisor.remove(SERVICE)
    if ((await place()) === null) return
    await using(async client => {
      await client.query(
        'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1',
        [RECEIVER],
      )
    })
  }

  async function inStep(into: string, signal?: AbortSignal): Promise<void> {
    for (const end = Date.now() + IN_STEP_MS; ; await sleep(100, undefined, { signal })) {
      if (await using(isInStep)) return
      if (Date.now() > end) break
    }
    const said = await readFile(join(logOf, 'current'), 'utf8').catch(() => '')
    throw new Failure('rpo.receiver', `${into} does not take the write-ahead log`, {
      why: telling(said.replaceAll(/^\S+ - /gm, '')) || 'pg_receivewal says nothing',
      fix: 'inn logs postgres-receiver; df says whether the disk is there and has room',
    })
  }

  return { define, inStep }
}

/** For sessions that begin from now on. */
export async function setWaiting(
  client: pg.Client,
  { owner, app }: DatabaseAccess,
  waits: boolean,
): Promise<void> {
  const change = waits ? 'set synchronous_commit = on' : 'reset synchronous_commit'
  for (const { user } of [owner, app]) await client.query(`alter role ${pg.escapeIdentifier(user)} ${change}`)
}

/** One that lost what it was to hold back is none. */
async function hasSlot(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_replication_slots where slot_name = $1 and wal_status in ('reserved', 'extended')`,
    [RECEIVER],
  )
  return rowCount === 1
}

async function isInStep(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_stat_replication where application_name = $1 and sync_state = 'sync'`,
    [RECEIVER],
  )
  return rowCount === 1
}
