import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { ownOf } from '../restores/proof.ts'
import type { RetentionPorts } from './ports.ts'
import type { Action, Shape, Version } from './retention.ts'
import { type Change, changing, deleting, holding, locking, type Statement } from './rule-sql.ts'

const REFERRED = '23503'
/** A lock that was not to be had in time, or a deadlock that was ended. */
const LOCKED = ['55P03', '40P01']

/** Longest wait for a lock in all, and for one try, in milliseconds. */
const WAIT_MS = 60_000
const LOCK_MS = 3_000
/** How many times as long as a batch took is rested after it, so that the app has the disk and the log most of the time. */
const REST = 4
const LONGEST_REST_MS = 5_000
/** After this long it is looked who holds the lock. */
const LOOK_MS = 1_500
/** Longest wait for a database that is busy before a batch goes on all the same, and each look at it. */
const BUSY_MS = 30_000
const BUSY_LOOK_MS = 500
/** Bytes that a replica may be behind. */
const BEHIND = 64 * 1024 ** 2

export interface Job {
  ports: RetentionPorts
  query: Query
  shape: Shape
  action: Action
  changes: readonly Change[]
  signal: AbortSignal
  say(line: string): void
}

/**
 * Deletes or changes these versions in one transaction, and rests. Returns how many rows it was; the
 * others were changed meanwhile, or something refers to them. Failure `retention.locked`.
 */
export async function changeBatch(job: Job, versions: readonly Version[]): Promise<number> {
  const { ports, signal } = job
  await unlessBusy(job)
  const started = ports.clock.now()
  const rows = await patiently(job, () => apart(job, versions))
  await ports.clock.sleep(Math.min(LONGEST_REST_MS, REST * (ports.clock.now() - started)), signal)
  return rows
}

/** Where a row that is referred to spoils a batch, its halves are tried by themselves. */
async function apart(job: Job, versions: readonly Version[]): Promise<number> {
  try {
    return await transaction(job, versions)
  } catch (error) {
    if ((error as { code?: string }).code !== REFERRED) throw error
    if (versions.length === 1) return 0
    const half = Math.ceil(versions.length / 2)
    return (await apart(job, versions.slice(0, half))) + (await apart(job, versions.slice(half)))
  }
}

async function transaction(
  { query, shape, action, changes, signal }: Job,
  versions: readonly Version[],
): Promise<number> {
  signal.throwIfAborted()
  const run = ({ text, values }: Statement) => query(text, values)
  await query('begin')
  try {
    await query(`set local lock_timeout = ${LOCK_MS}`)
    // What refers to a row is looked for again once no new row can refer to it.
    if (holding(action, shape).length > 0) await run(locking(shape, versions))
    const [done] = await run(
      action === 'anonymise' ? changing(shape, versions, changes) : deleting(shape, versions, action),
    )
    await query('commit')
    return Number(done!['rows'])
  } catch (error) {
    await query('rollback').catch(() => {})
    throw error
  }
}

/** Tries again while somebody holds a lock, and says who. */
async function patiently(job: Job, work: () => Promise<number>): Promise<number> {
  const { ports, shape, say } = job
  const until = ports.clock.now() + WAIT_MS
  const { name } = await ownOf(ports)
  let holders: string[] = []
  for (;;) {
    const looking = setTimeout(() => {
      ports.cluster
        .blockers(name)
        .then(found => {
          if (found.length > 0) holders = found
        })
        .catch(() => {})
    }, LOOK_MS)
    try {
      return await work()
    } catch (error) {
      if (!LOCKED.includes((error as { code?: string }).code ?? '')) throw error
      if (ports.clock.now() > until) throw locked(shape.label, holders)
      say(`waits for a lock on ${shape.label}${holders.length === 0 ? '' : `: ${list(holders)}`}`)
    } finally {
      clearTimeout(looking)
    }
  }
}

const locked = (table: string, holders: readonly string[]): Failure =>
  new Failure('retention.locked', `rows of ${table} are locked by somebody else`, {
    why:
      holders.length === 0
        ? 'the lock was not given up within a minute'
        : `not given up within a minute by ${list(holders)}`,
    fix: '`inn db locks` shows who holds what, `inn db kill PID` ends a session; what was done stays done, and the next run goes on',
  })

/** Waits while others wait for locks, or a replica is behind; for half a minute at the most. */
async function unlessBusy({ ports, signal, say }: Job): Promise<void> {
  const { name } = await ownOf(ports)
  const until = ports.clock.now() + BUSY_MS
  for (let told = false; ports.clock.now() < until; told = true) {
    const why = await ports.cluster.superuser(query => busy(query, name))
    if (why === null) return
    if (!told) say(`rests: ${why}`)
    await ports.clock.sleep(BUSY_LOOK_MS, signal)
  }
}

async function busy(query: Query, database: string): Promise<string | null> {
  const [row] = await query(
    `select (select count(*)::int from pg_stat_activity where datname = $1 and wait_event_type = 'Lock') as waiting,
            (select coalesce(max(pg_wal_lsn_diff(sent_lsn, replay_lsn)), 0)::float8 from pg_stat_replication) as behind`,
    [database],
  )
  if (Number(row!['waiting']) > 0) return 'sessions of the database wait for locks'
  return Number(row!['behind']) > BEHIND ? 'a replica of the database is behind' : null
}
