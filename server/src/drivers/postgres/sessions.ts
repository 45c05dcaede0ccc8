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
