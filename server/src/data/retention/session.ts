import type { Query } from '../../apps/databases/migrations.ts'
import { SALT } from '../../apps/masks/rule-kinds.ts'
import { ownOf } from '../restores/proof.ts'
import { pathOf } from '../tables/perform-merge.ts'
import type { RetentionPorts } from './ports.ts'

/** By these names the sessions of a run are found, also those that an earlier keeper left, and those that only look. */
const NAMES = { change: 'innkeeper-retention', look: 'innkeeper-retention-look' } as const
/** Longest time of one statement. */
const LONGEST_MS = 10 * 60_000

/** Settings with which rows are looked for: what the app wrote into a condition changes nothing. */
export const readingSettings = async (
  ports: RetentionPorts,
  signal: AbortSignal,
): Promise<Record<string, string>> => ({
  application_name: NAMES.change,
  default_transaction_read_only: 'on',
  statement_timeout: String(LONGEST_MS),
  lock_timeout: '5s',
  search_path: await session(ports, { signal, purpose: 'look' }, async query => {
    const [row] = await query(`select current_setting('search_path') as path`)
    return String(row!['path'])
  }),
})

/** Ends the sessions of earlier runs; for the beginning of a step. */
export const endEarlier = async ({ cluster }: RetentionPorts): Promise<void> =>
  void (await cluster.superuser(query =>
    query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1', [
      NAMES.change,
    ]),
  ))

/**
 * A session as the owner of the app's database, with the search path of the app itself, because its conditions and
 * triggers name tables. It ends when the signal aborts: a transaction under way is rolled back.
 */
export async function session<T>(
  ports: RetentionPorts,
  { signal, purpose }: { signal: AbortSignal; purpose: keyof typeof NAMES },
  work: (query: Query) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const access = await ownOf(ports)
  try {
    return await ports.cluster.owner(access, { longestMs: LONGEST_MS }, query =>
      endingWith(ports, { query, signal }, async () => {
        await setUp(ports, query, NAMES[purpose])
        return work(query)
      }),
    )
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

/** Ends the session when the signal aborts: a statement under way hears of nothing else. */
async function endingWith<T>(
  { cluster }: RetentionPorts,
  { query, signal }: { query: Query; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const [row] = await query('select pg_catalog.pg_backend_pid() as pid')
  // The query under way rejects, so a failure of this needs no report.
  const hangUp = () =>
    void cluster.superuser(ask => ask('select pg_terminate_backend($1)', [row!['pid']])).catch(() => {})
  signal.addEventListener('abort', hangUp)
  try {
    signal.throwIfAborted()
    return await work()
  } finally {
    signal.removeEventListener('abort', hangUp)
  }
}

async function setUp(ports: RetentionPorts, query: Query, name: string): Promise<void> {
  const set = (setting: string, value: string) =>
    query('select pg_catalog.set_config($1, $2, false)', [setting, value])
  await set('application_name', name)
  await set('lock_timeout', '5s')
  await set('statement_timeout', String(LONGEST_MS))
  // A keeper that is stopped holds no row for longer.
  await set('idle_in_transaction_session_timeout', '60s')
  await set(SALT, ports.random(43))
  await set('search_path', await pathOf(ports, query))
}

/** Work in a transaction that can change nothing. */
export async function reading<T>(query: Query, work: () => Promise<T>): Promise<T> {
  await query('begin read only')
  try {
    return await work()
  } finally {
    await query('rollback')
  }
}
