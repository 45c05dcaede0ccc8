import type { Query } from '../../apps/databases/migrations.ts'
import type { Session } from '../../watch/activity/activity.ts'

/** Letters of a statement that are given. */
const LETTERS = 2_000

/**
 * Who is connected to the databases of a cluster, and whom each of them waits for. Sessions of the superuser are those of
 * Innkeeper (measurements, backups); they are told only when somebody waits for them.
 */
export async function sessionsOf(query: Query): Promise<Session[]> {
  const rows = await query(
    `with seen as (
       select a.*, pg_catalog.pg_blocking_pids(a.pid) as blockers
         from pg_catalog.pg_stat_activity a
        where a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()
     )
     select pid, datname as database, usename as "user", application_name as program, state,
            wait_event_type as kind, wait_event as event, left(query, ${LETTERS}) as text, blockers,
            extract(epoch from backend_start)::float8 * 1000 as began,
            extract(epoch from clock_timestamp() - state_change)::float8 * 1000 as since,
            extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as transaction
       from seen
      where usename <> session_user or pid in (select unnest(blockers) from seen)
      order by xact_start nulls last, pid`,
  )
  const ms = (value: unknown) => (value === null ? null : Math.max(0, Math.round(Number(value))))
  const text = (value: unknown) => (value === null ? '' : String(value))
  return rows.map(row => ({
    pid: Number(row['pid']),
    began: Math.round(Number(row['began'])),
    ...{ database: text(row['database']), user: text(row['user']), program: text(row['program']) },
    state: text(row['state']),
    waits:
      row['kind'] === null || row['state'] !== 'active'
        ? null
        : `${text(row['kind'])}: ${text(row['event'])}`,
    text: text(row['text']),
    ...{ sinceMs: ms(row['since']) ?? 0, transactionMs: ms(row['transaction']) },
    blockedBy: [...new Set((row['blockers'] as number[]).filter(pid => pid !== 0))],
  }))
}

/**
 * Ends a session, or only its statement. `began`: since when it is there, in milliseconds since 1970, because the number
 * of one that is gone is given again. false: there is no such session any more.
 */
export async function endSession(
  query: Query,
  { pid, began }: Pick<Session, 'pid' | 'began'>,
  how: 'cancel' | 'terminate',
): Promise<boolean> {
  const [row] = await query(
    `select pg_catalog.pg_${how}_backend(pid) as done from pg_catalog.pg_stat_activity
      where pid = $1 and backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()
        and usename <> session_user
        and abs(extract(epoch from backend_start)::float8 * 1000 - $2) < 1`,
    [pid, began],
  )
  return row?.['done'] === true
}
