import type { AppConfig } from '../../config/config.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { DatabaseAccess } from './cluster.ts'

type Database = NonNullable<AppConfig['database']>
export type Pooling = NonNullable<Database['pooling']>

/**
 * What each process may open. Without a pooler the budget is divided: 50 connections for 3 processes are 16 each. With
 * one, a process may use the whole pool, as long as the clients of two colours at once find a place at the pooler.
 */
export function poolSize({ connections, pooling }: Database, processes: number): number {
  const each = (of: number): number => Math.max(1, Math.floor(of / Math.max(1, processes)))
  return pooling === undefined ? each(connections) : Math.min(pooling.size, each(pooling.clients / 2))
}

/** The user of PgBouncer's own console. It is no role of PostgreSQL. */
export const POOLER_ADMIN = 'innkeeper'

/** What PgBouncer has too few of is asked for again after this. By itself it waits 15 s after PostgreSQL refused once. */
const RETRY_SECONDS = 1
/** Statements that one connection keeps prepared, from the version on that can keep them. */
const PREPARED = { since: [1, 21], most: 200 } as const

export interface PoolerFiles {
  access: DatabaseAccess
  /** Which of the two roles the app signs in as. */
  role: Database['role']
  port: number
  pooling: Pooling
  /** The file with the passwords. */
  users: string
  /** PgBouncer's version: `[1, 18]`. */
  version: readonly [number, number]
}

/** Whether named statements work behind this version, in transaction mode. */
export const keepsPrepared = ([major, minor]: PoolerFiles['version']): boolean =>
  major > PREPARED.since[0] || (major === PREPARED.since[0] && minor >= PREPARED.since[1])

/** PgBouncer's own file: one database, one role, transaction mode, on loopback. */
export const poolerIni = ({ access, port, pooling, users, version }: PoolerFiles): string =>
  [
    '[databases]',
    `${access.name} = host=${access.host} port=${access.port} dbname=${access.name}`,
    '',
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${users}`,
    `admin_users = ${POOLER_ADMIN}`,
    'pool_mode = transaction',
    `default_pool_size = ${pooling.size}`,
    // One more, so that the console is reached when the clients have taken all of theirs.
    `max_client_conn = ${pooling.clients + 1}`,
    `server_login_retry = ${RETRY_SECONDS}`,
    'ignore_startup_parameters = extra_float_digits',
    'log_connections = 0',
    'log_disconnections = 0',
    ...(keepsPrepared(version) ? [`max_prepared_statements = ${PREPARED.most}`] : []),
    '',
  ].join('\n')

/** Who may sign in at the pooler: the app's role, and the console's user. */
export const poolerUsers = ({ access, role }: Pick<PoolerFiles, 'access' | 'role'>, admin: Secret): string =>
  [
    { user: access[role].user, password: access[role].password },
    { user: POOLER_ADMIN, password: admin },
  ]
    .map(({ user, password }) => `"${user}" "${password.reveal().replaceAll('"', '""')}"\n`)
    .join('')

/** How a pooler's console is reached. */
export interface PoolerAt {
  port: number
  password: Secret
}

/** What a pooler says of its one pool. */
export interface PoolCounts {
  /** Clients that are in a transaction, and those that wait for a connection. */
  active: number
  waiting: number
  /** How long the first of them has waited, in milliseconds. */
  waitMs: number
  /** Connections to PostgreSQL that are used, and that are free. */
  used: number
  free: number
}

/** PgBouncer on this machine. */
export interface Poolers {
  /** Failure `pooler.missing`: it is not installed. */
  version(): Promise<PoolerFiles['version']>
  /** Reads its files anew. No client and no connection ends by it. Failure `pooler.silent`. */
  reload(at: PoolerAt): Promise<void>
  /** Failure `pooler.silent`. */
  counts(at: PoolerAt, database: string): Promise<PoolCounts>
}
