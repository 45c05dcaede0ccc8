import pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'
import type { Secret } from '../../kernel/secret.ts'
import { MONITOR } from '../prometheus/services.ts'

/** Connections that the exporter may have: it needs one, and a second while it is started again. */
const CONNECTIONS = 3

/**
 * The role that the exporter signs in as: it sees figures, settings and statements of all roles (pg_monitor), enters no
 * database of an app, and reads no table. Made when it cannot sign in, as after a restore from before there was one.
 */
export async function makeMonitor(
  cluster: { superuser<T>(work: (query: Query) => Promise<T>): Promise<T> },
  port: number,
  password: Secret,
): Promise<void> {
  if (await signsIn(port, password)) return
  await cluster.superuser(async query => {
    const [known] = await query('select 1 from pg_roles where rolname = $1', [MONITOR])
    if (known === undefined) await query(`create role ${MONITOR}`)
    await query(
      `alter role ${MONITOR} login nosuperuser nocreatedb nocreaterole noreplication connection limit ${CONNECTIONS} password ${pg.escapeLiteral(password.reveal())}`,
    )
    await query(`grant pg_monitor to ${MONITOR}`)
    // The one database that no app enters.
    await query(`grant connect on database postgres to ${MONITOR}`)
  })
}

async function signsIn(port: number, password: Secret): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: MONITOR,
    password: password.reveal(),
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  })
  // A server that ends while we are connected is an event, and no concern of ours.
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
