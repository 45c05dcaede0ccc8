import { join } from 'node:path'
import type pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'
import type { Counted } from '../../watch/statements/statements.ts'
import { exists } from '../host/files.ts'

/** PostgreSQL's own extension, which counts what statements cost. Of two that differ in values alone it makes one. */
const EXTENSION = 'pg_stat_statements'
/** Different statements that are counted; those that cost least make room for new ones. */
const COUNTED = 1_000
/** Letters of a statement that are given. */
const LETTERS = 4_000

/** The settings that make a server count statements; none where the package does not have the extension. */
export async function countingSettings(bin: string): Promise<Record<string, string>> {
  if (!(await exists(join(bin, '..', 'lib', `${EXTENSION}.so`)))) return {}
  return {
    shared_preload_libraries: EXTENSION,
    [`${EXTENSION}.max`]: String(COUNTED),
    // Other statements keep their values: `alter role … password 'secret'` would be kept as it was typed.
    [`${EXTENSION}.track_utility`]: 'off',
  }
}

/** Any number: of the lock that whoever creates the extension holds. */
const CREATING = 4_711_002

/** Makes what is counted readable, in the database `postgres`, which no app can enter. One transaction, also for several at once. */
export async function prepareStatements(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_advisory_xact_lock(${CREATING});
     do $$ begin
       if exists (select 1 from pg_available_extensions where name = '${EXTENSION}') then
         create extension if not exists ${EXTENSION} schema innkeeper;
       end if;
     end $$`,
  )
}

/** What has cost most time since the server began to count, of all that roles of apps ask: one by several roles is one. null: it does not count. */
export async function slowest(query: Query, most: number): Promise<Counted | null> {
  if (!(await counts(query))) return null
  const rows = await query(
    `select left(s.query, ${LETTERS}) as text, sum(s.calls)::float8 as calls, sum(s.rows)::float8 as rows,
            sum(s.total_exec_time) as total, max(s.max_exec_time) as longest,
            sum(s.shared_blks_hit)::float8 as hit, sum(s.shared_blks_read)::float8 as read,
            sum(sum(s.total_exec_time)) over () as "all",
            (select extract(epoch from stats_reset)::float8 * 1000 from innkeeper.${EXTENSION}_info) as since
       from innkeeper.${EXTENSION} s join pg_database d on d.oid = s.dbid
      where d.datname <> 'postgres' and s.userid <> session_user::regrole group by s.query order by total desc limit $1`,
    [most],
  )
  const number = (row: Record<string, unknown>, key: string) => Number(row[key])
  return {
    since: rows[0] === undefined ? null : number(rows[0], 'since'),
    totalMs: rows[0] === undefined ? 0 : number(rows[0], 'all'),
    statements: rows.map(row => ({
      text: String(row['text']),
      calls: number(row, 'calls'),
      rows: number(row, 'rows'),
      totalMs: number(row, 'total'),
      longestMs: number(row, 'longest'),
      blocks: { found: number(row, 'hit'), read: number(row, 'read') },
    })),
  }
}

/** Whether statements are counted: both queries below fail where they are not. */
const counts = async (query: Query): Promise<boolean> =>
  (
    await query(
      `select 1 where to_regclass('innkeeper.${EXTENSION}') is not null
          and current_setting('shared_preload_libraries') ~ '\\m${EXTENSION}\\M'`,
    )
  ).length > 0

/** How often each statement of a role was asked, by PostgreSQL's own name for it, which stays the same over restarts. null: nobody counts. */
export async function callsOf(query: Query, role: string): Promise<Map<string, number> | null> {
  if (!(await counts(query))) return null
  const rows = await query(
    `select s.queryid::text as id, sum(s.calls)::float8 as calls
       from innkeeper.${EXTENSION}(false) s join pg_roles r on r.oid = s.userid
      where r.rolname = $1 and s.queryid is not null group by 1`,
    [role],
  )
  return new Map(rows.map(row => [String(row['id']), Number(row['calls'])]))
}

/** The texts of statements, long ones cut. */
export async function textsOf(query: Query, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await query(
    `select distinct on (queryid) queryid::text as id, left(query, ${LETTERS * 4}) as text
       from innkeeper.${EXTENSION} where queryid = any($1::int8[])`,
    [ids],
  )
  return new Map(rows.map(row => [String(row['id']), String(row['text'])]))
}

/** What a role asks most often, without values. null: nobody counts. */
export async function frequentTexts(query: Query, role: string, most: number): Promise<string[] | null> {
  if (!(await counts(query))) return null
  const rows = await query(
    `select left(s.query, ${LETTERS * 4}) as text from innkeeper.${EXTENSION} s join pg_roles r on r.oid = s.userid
      where r.rolname = $1 group by s.query order by sum(s.calls) desc limit $2`,
    [role, most],
  )
  return rows.map(row => String(row['text'])).filter(text => text.length < LETTERS * 4)
}
