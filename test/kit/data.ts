import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backups } from '../../server/src/data/backups/wire.ts'
import { withDatabase } from '../../server/src/drivers/postgres/connect.ts'
import type { Server } from './server.ts'

/** One statement on a database of the home's cluster, as its superuser; the first column of each row. */
export async function sql(server: Server, database: string, text: string): Promise<string[]> {
  const at = (name: string) => readFile(join(server.home, 'postgres', name), 'utf8')
  const [port, password] = await Promise.all([at('port'), at('password')])
  const url = `postgresql://innkeeper:${password.trim()}@127.0.0.1:${port.trim()}/${database}`
  return withDatabase(url, async query => (await query(text)).map(row => String(Object.values(row)[0])))
}

/** Rows of the keeper's own store. */
export function keeperRows(
  { home }: Server,
  query: string,
  ...values: string[]
): Array<Record<string, unknown>> {
  const store = new DatabaseSync(join(home, 'keeper.db'), { readOnly: true })
  try {
    return store.prepare(query).all(...values)
  } finally {
    store.close()
  }
}

/** Secrets of an app, as the keeper has them. */
export function secretsOf(server: Server, app: string): Record<string, string> {
  const [row] = keeperRows(server, 'select value from setting where name = ?', `secrets:${app}`)
  return JSON.parse(String(row?.['value'] ?? '{}')) as Record<string, string>
}

/** Names of values that came with requests, and that nobody has done away with yet. */
export const givenIn = (server: Server): unknown[] =>
  keeperRows(server, "select name from setting where name like 'secrets-given:%'").map(row => row['name'])

/** What the keeper says of its backups, as soon as it satisfies, or the last that was seen. */
export async function backups(server: Server, good: (seen: Backups) => boolean): Promise<Backups> {
  for (const end = Date.now() + 90_000; ; await sleep(300)) {
    // The keeper is away for a second when it was killed.
    const seen = await server.client.get<Backups>('/api/backups').catch((error: Error) => error)
    if (seen instanceof Error) {
      if (Date.now() > end) throw seen
    } else if (good(seen) || Date.now() > end) return seen
  }
}

/** The first restore point comes by itself. */
export const firstPoint = (server: Server): Promise<Backups> =>
  backups(server, seen => seen.points.some(point => point.state === 'good'))

/** The clock of the database, with room to what happens before and after. */
export async function moment(server: Server): Promise<string> {
  await sleep(150)
  const [now] = await sql(
    server,
    'postgres',
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  )
  await sleep(150)
  return now!
}

/** Resolves when everything that is committed now has left the machine's own log. */
export async function archived(server: Server): Promise<void> {
  const [segment] = await sql(server, 'postgres', 'select pg_walfile_name(pg_switch_wal())')
  await archivedUpTo(server, segment!)
}

/** Resolves when PostgreSQL was told that this segment of its log is archived. */
export async function archivedUpTo(server: Server, segment: string): Promise<void> {
  // After three failures PostgreSQL itself waits for a minute.
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(100)) {
    // None yet, in a cluster that has just been restored.
    const [last] = await sql(
      server,
      'postgres',
      `select coalesce(last_archived_wal, '') from pg_stat_archiver`,
    )
    if (last! >= segment) return
  }
  throw new Error(`${segment} was not archived within three minutes`)
}
