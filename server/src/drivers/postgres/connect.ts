import pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { type Bounds, withinBounds } from './bounds.ts'
import { watched } from './frozen.ts'

/**
 * The owner of a database may give it settings that every connection begins with, e.g. a search_path with a fake
 * catalog view, or another DateStyle. Settings in the startup message of a connection override them. Any role may set
 * the ones here.
 */
const PINNED: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog,pg_temp',
  role: 'none',
  row_security: 'off',
  local_preload_libraries: '',
  default_tablespace: '',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  exit_on_error: 'off',
  // With rpo: 0 commits wait for a place. The keeper's own commits must not: it could not turn the waiting off while that place is away.
  synchronous_commit: 'local',
  client_encoding: 'UTF8',
  DateStyle: 'ISO,YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  timezone_abbreviations: 'Default',
  bytea_output: 'hex',
  extra_float_digits: '1',
  xmlbinary: 'base64',
  xmloption: 'content',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  quote_all_identifiers: 'off',
  array_nulls: 'on',
  transform_null_equals: 'off',
}

/** The settings in the format of `options` in the startup message, and of `PGOPTIONS`. */
export const pinned = (more: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ ...PINNED, ...more })
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ')

/** Longest time to connect. Milliseconds are usual, but a disk that is busy with builds makes it seconds. */
const CONNECT_MS = 20_000

interface Wanted {
  host: string
  port: number
  user: string
  password: string
  database: string
}

/** A connection whose settings here cannot be changed by its database or role. */
export async function connectPinned(wanted: Wanted): Promise<pg.Client> {
  const client = watched(
    new pg.Client({
      ...wanted,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'innkeeper',
      options: pinned(),
    }),
  )
  client.on('error', () => {}) // The query under way rejects with the same error.
  await client.connect()
  return client
}

interface Guarded {
  connect: () => Promise<pg.Client>
  /** Ends the session with this id, whatever it does. */
  end: (pid: number) => Promise<void>
  /** Longest time of one statement in milliseconds; null: no limit. */
  longestMs: number | null
}

/** A connection for as long as `work` takes. The limit is kept from outside: code of the app could lift a limit that is a setting of the session. */
export async function guarded<T>(
  { connect, end, longestMs }: Guarded,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await connect()
  const query = querying(client)
  try {
    if (longestMs === null) return await work(query)
    const [row] = await query('select pg_catalog.pg_backend_pid() as pid')
    const hangUp = () => void end(Number(row!['pid'])).catch(() => {}) // The session may have ended already.
    return await work(async (text, values) => {
      const timer = setTimeout(hangUp, longestMs)
      try {
        return await query(text, values)
      } finally {
        clearTimeout(timer)
      }
    })
  } finally {
    // A transaction that is still open is rolled back. A server that is gone has rolled it back already.
    await client.end().catch(() => {})
  }
}

/** The failure for a connection that broke or that the server ended (class 57P); null: the server only refused the statement. */
function lost(error: unknown): Failure | null {
  if (error instanceof Failure) return error
  if (error instanceof pg.DatabaseError && !error.code?.startsWith('57P')) return null
  return new Failure('database.unreachable', 'the database of the app went away', {
    why: (error as Error).message,
    fix: 'check that its server runs (`inn status`, `inn logs APP --service postgres`), then try again',
    cause: error,
  })
}

/** Parameters of a URL that name files of this machine. */
const FILES = ['sslcert', 'sslkey', 'sslrootcert']

/**
 * Refuses a URL by which `pg` would read files: with the rights of the keeper, and a pipe or a device would hold it for
 * ever. The URL is read in each way in which `pg` may read it.
 */
function refuseFiles(url: string): void {
  const texts = [url, encodeURI(url).replaceAll(/%25(\d\d)/g, '%$1')]
  const read = texts
    .flatMap(text => [text, text.replace('@/', '@host/')])
    .flatMap(text => URL.parse(text, 'postgres://base') ?? [])
  const named = FILES.filter(name => read.some(({ searchParams }) => searchParams.has(name)))
  if (named.length === 0) return
  throw new Failure('database.url-files', `the address of the database names files: ${list(named)}`, {
    why: 'the keeper would read them with its own rights, so it reads none',
    fix: 'leave them out of the address (`sslmode` stays), and give the app its certificate by a variable of its own',
  })
}

/**
 * Connects to a database at a URL, for as long as `work` takes: one connection, one statement after the other. Failures
 * `database.url-files`, `database.unreachable`; with bounds `database.bounds`, too.
 */
export async function withDatabase<T>(
  url: string,
  work: (query: Query) => Promise<T>,
  bounds?: Bounds,
): Promise<T> {
  refuseFiles(url)
  const client = watched(
    new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'innkeeper',
    }),
  )
  client.on('error', () => {}) // The query under way rejects with the same error.
  try {
    await client.connect()
  } catch (error) {
    throw unanswered(error)
  }
  const ask = () => work(querying(client))
  try {
    return await (bounds === undefined ? ask() : withinBounds(client, bounds, ask))
  } finally {
    await client.end()
  }
}

export const unanswered = (error: unknown): Failure =>
  new Failure('database.unreachable', 'the database of the app does not answer', {
    why: (error as Error).message,
    fix: 'check DATABASE_URL and that the server runs',
    cause: error,
  })

/** Queries over one connection. A broken connection is a Failure; other errors of the server are passed on. */
export const querying =
  (client: pg.Client): Query =>
  async (text, values) => {
    try {
      return (await client.query(text, values ? [...values] : undefined)).rows ?? []
    } catch (error) {
      throw lost(error) ?? error
    }
  }
