import type pg from 'pg'

interface Row {
  pid: number
  usename: string
  state: string
  query: string
  seconds: number
}

/** Sessions that block others in a database now, as sentences. */
export async function blockers(client: pg.Client, database: string): Promise<string[]> {
  const { rows } = await client.query<Row>(
    `select distinct b.pid, b.usename, b.state, left(b.query, 100) as query, round(extract(epoch from clock_timestamp() - b.xact_start))::int as seconds
       from pg_stat_activity w cross join lateral unnest(pg_blocking_pids(w.pid)) as held(pid)
       join pg_stat_activity b on b.pid = held.pid where w.datname = $1`,
    [database],
  )
  return rows.map(
    r => `session ${r.pid} of ${r.usename}, ${r.state} for ${r.seconds} s in a transaction: ${r.query}`,
  )
}

/** The session of a role for which sessions of other roles wait longest; also when it waits itself, with them behind it. */
export async function waitedFor(
  client: pg.Client,
  { database, role }: { database: string; role: string },
): Promise<{ pid: number; sessions: number; ms: number; statement: string } | null> {
  const { rows } = await client.query<{ pid: number; sessions: number; ms: number; statement: string }>(
    `select b.pid, count(distinct w.pid)::int as sessions, left(b.query, 200) as statement,
            (max(extract(epoch from clock_timestamp() - l.waitstart)) * 1000)::int as ms
       from pg_stat_activity w join pg_locks l on l.pid = w.pid and not l.granted
       cross join lateral unnest(pg_blocking_pids(w.pid)) as held(pid)
       join pg_stat_activity b on b.pid = held.pid
      where w.datname = $1 and w.usename <> $2 and b.usename = $2
      group by b.pid, b.query order by ms desc nulls last limit 1`,
    [database, role],
  )
  return rows[0] ?? null
}

export async function cancelStatement(
  client: pg.Client,
  { pid, role }: { pid: number; role: string },
): Promise<void> {
  await client.query('select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and usename = $2', [
    pid,
    role,
  ])
}
