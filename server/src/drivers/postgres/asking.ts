import pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'
import { bareHost } from '../../kernel/hosts.ts'
import type { Place } from '../host/elsewhere.ts'

interface Wanted extends Place {
  user: string
  password: string
  database: string
  /** What `sslmode` says. */
  ssl: string
}

/**
 * What a URL of PostgreSQL names. Only what is read here is heeded: other parameters name files of this server, which
 * would be read with the rights of the keeper. Throws when it is none.
 */
export function postgresPlace(url: string): Wanted {
  if (!URL.canParse(url)) throw new Error('its URL cannot be read')
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  if (hostname === '') throw new Error('its URL names no host')
  const user = decodeURIComponent(username)
  return {
    host: bareHost(hostname),
    port: port === '' ? 5432 : Number(port),
    user,
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || user,
    ssl: searchParams.get('sslmode') ?? 'disable',
  }
}

/** As programs of PostgreSQL read `sslmode`; `servername`: whose certificate it must be. */
const tlsOf = ({ ssl, host }: Wanted) =>
  ssl === 'disable' ? false : { servername: host, rejectUnauthorized: ssl.startsWith('verify') }

/** Connects to an address for as long as `work` takes. It takes `timeoutMs` at most, whatever the server does. */
export async function asking<T>(
  wanted: Wanted,
  { address, timeoutMs }: { address: string; timeoutMs: number },
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const { user, password, database, port } = wanted
  const client = new pg.Client({
    ...{ host: address, port, user, database, ssl: tlsOf(wanted) },
    // As a function, because an empty one would be looked up in files of this server.
    password: () => password,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'innkeeper-probe',
  })
  client.on('error', () => {}) // The query under way rejects with the same error.
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    client.connection.stream.destroy()
  }, timeoutMs)
  try {
    await client.connect()
    return await work(async (text, values) => (await client.query(text, values && [...values])).rows)
  } catch (error) {
    throw isLate ? new Error(`no answer within ${timeoutMs} ms`) : error
  } finally {
    clearTimeout(timer)
    // Its goodbye is not waited for.
    void client.end().catch(() => {})
    client.connection.stream.destroy()
  }
}
