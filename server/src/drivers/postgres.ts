import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Cluster, ClusterPlace, DatabaseAccess } from '../databases/cluster.ts'
import { clusterGone } from '../databases/gone.ts'
import type { Query } from '../databases/migrations.ts'
import { Failure } from '../kernel/failure.ts'
import { Secret } from '../kernel/secret.ts'
import { inTurns } from '../kernel/turns.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import { execOk } from './exec.ts'
import { exists, makeFolder } from './files.ts'
import {
  createCluster,
  installed,
  type Place,
  passwordFileOf,
  portOf,
  socketFolderOf,
  writePassFile,
} from './postgres-create.ts'
import { HEARTBEAT_DATABASE, heartbeat, mark, prepareHeartbeat, written } from './postgres-heartbeat.ts'
import { down, ready } from './postgres-ready.ts'
import { receiving } from './postgres-receive.ts'
import { blockers } from './postgres-sessions.ts'
import { swapping } from './postgres-swap.ts'

interface Options extends Place {
  log: string
  supervisor: Supervisor
  /** Run for each finished segment of the write-ahead log. */
  archiveCommand: () => string
}

/** At most a minute is at risk: until a segment ends, and on its way to the places. */
const ARCHIVE_TIMEOUT_SECONDS = 45

/** Milliseconds are usual; a disk that several builds and removals share makes it seconds. */
const CONNECT_MS = 20_000

const q = (name: string): string => pg.escapeIdentifier(name)

/** A cluster on loopback and a unix socket, scram everywhere, kept by the supervisor. */
export function postgres(options: Options): Cluster {
  const { at, run, supervisor } = options
  const socketFolder = socketFolderOf(run)
  // Several apps may meet a server without a cluster at the same moment, and catalogs take no two changes of one row.
  const turn = inTurns()
  const readPort = () => portOf(at)

  async function connect(database = 'postgres'): Promise<pg.Client> {
    const port = await readPort()
    if (port === null) throw down('it was never made')
    const password = (await readFile(passwordFileOf(at), 'utf8')).trim()
    const client = new pg.Client({
      host: socketFolder,
      port,
      user: 'innkeeper',
      password,
      database,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'innkeeper',
    })
    client.on('error', () => {}) // The query under way rejects with the same error.
    try {
      await client.connect()
    } catch (error) {
      throw down((error as Error).message, error)
    }
    return client
  }

  async function using<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await connect(database)
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  async function ensure(signal?: AbortSignal): Promise<void> {
    const { major, bin } = await installed(at)
    const data = join(at, String(major))
    const account = await options.account()
    if (!(await exists(join(data, 'PG_VERSION')))) {
      // It was made once, and its files are not there: an empty one in its place would look like all is well.
      if ((await readPort()) !== null) throw clusterGone(data)
      await createCluster(options, { bin, data })
    }
    await makeFolder(socketFolder, 0o755)
    if (account)
      await execOk(
        { argv: ['chown', account.name, socketFolder], timeoutMs: 10_000 },
        'preparing the socket folder',
      )
    await supervisor.define({
      name: 'postgres',
      // Not in its files, which a restored copy would bring along: a copy must never archive.
      argv: [
        join(bin, 'postgres'),
        ...['-D', data],
        ...['-c', 'archive_mode=on'],
        ...['-c', `archive_command=${options.archiveCommand()}`],
        ...['-c', `archive_timeout=${ARCHIVE_TIMEOUT_SECONDS}`],
      ],
      cwd: '/',
      env: { LANG: 'C.UTF-8' },
      user: account?.name ?? null,
      log: options.log,
      tag: '-',
      graceSeconds: 60,
    })
    await supervisor.start('postgres')
    await ready(connect, async () => (await supervisor.state('postgres'))?.crashes ?? 0, signal)
    await writePassFile(at, account)
    await using('postgres', prepareHeartbeat)
  }

  async function provide(access: DatabaseAccess, connections: number): Promise<void> {
    await using('postgres', async client => {
      for (const role of [access.owner, access.app]) {
        const known = await client.query('select 1 from pg_roles where rolname = $1', [role.user])
        if (known.rowCount === 0) await client.query(`create role ${q(role.user)}`)
        await client.query(
          `alter role ${q(role.user)} login nosuperuser nocreatedb nocreaterole noreplication password ${pg.escapeLiteral(role.password.reveal())}`,
        )
      }
      // Both colours run at once during a switch, each with its whole budget.
      await client.query(`alter role ${q(access.app.user)} connection limit ${connections * 2}`)
      await client.query(`alter role ${q(access.owner.user)} connection limit ${connections * 2 + 5}`)
      const made = await client.query('select 1 from pg_database where datname = $1', [access.name])
      if (made.rowCount === 0)
        await client.query(`create database ${q(access.name)} owner ${q(access.owner.user)}`)
      await client.query(`revoke all on database ${q(access.name)} from public`)
      await client.query(`grant connect, temporary on database ${q(access.name)} to ${q(access.app.user)}`)
    })
    await using(access.name, async client => {
      await client.query(`alter schema public owner to ${q(access.owner.user)}`)
      await client.query('revoke all on schema public from public')
    })
    await grant(access)
  }

  async function drop(access: DatabaseAccess): Promise<void> {
    await using('postgres', async client => {
      await client.query(`drop database if exists ${q(access.name)} with (force)`)
      for (const { user } of [access.owner, access.app]) await client.query(`drop role if exists ${q(user)}`)
    })
  }

  async function grant(access: DatabaseAccess): Promise<void> {
    const owner = q(access.owner.user)
    const app = q(access.app.user)
    await using(access.name, async client => {
      const schemas = await client.query<{ nspname: string }>(
        `select nspname from pg_namespace where nspowner = (select oid from pg_roles where rolname = $1)`,
        [access.owner.user],
      )
      for (const { nspname } of schemas.rows) {
        const schema = q(nspname)
        await client.query(`grant usage on schema ${schema} to ${app}`)
        await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${app}`)
        await client.query(`grant usage, select, update on all sequences in schema ${schema} to ${app}`)
        await client.query(`grant execute on all functions in schema ${schema} to ${app}`)
      }
      await client.query(
        `alter default privileges for role ${owner} grant select, insert, update, delete on tables to ${app}`,
      )
      await client.query(
        `alter default privileges for role ${owner} grant usage, select, update on sequences to ${app}`,
      )
      await client.query(`alter default privileges for role ${owner} grant usage on schemas to ${app}`)
    })
  }

  const pulse = heartbeat({
    connect: () => connect(HEARTBEAT_DATABASE),
    accepts,
    longestSegment: ARCHIVE_TIMEOUT_SECONDS * 1000,
  })

  async function accepts(): Promise<boolean> {
    // The eighth line of the server's own file: starting, ready, stopping. A smart shutdown may last for hours.
    const { major } = await installed(at)
    const told = await readFile(join(at, String(major), 'postmaster.pid'), 'utf8').catch(() => '')
    return told.split('\n')[7]?.trim() === 'ready'
  }

  async function expected(): Promise<ClusterPlace | null> {
    const port = await readPort()
    if (port === null) return null
    const { major, bin } = await installed(at)
    const data = join(at, String(major))
    return { major, bin, data, socketFolder, port, user: 'innkeeper', passFile: join(at, 'pgpass') }
  }

  async function place(): Promise<(ClusterPlace & { since: number }) | null> {
    const where = await expected()
    const made = where === null ? null : await stat(join(where.data, 'PG_VERSION')).catch(() => null)
    return where === null || made === null ? null : { ...where, since: made.mtimeMs }
  }

  const stream = receiving({ ...options, place, using: work => using('postgres', work) })

  return {
    port: readPort,
    place,
    expected,
    beat: () => pulse.beat(),
    mark: name => using('postgres', client => mark(client, name)),
    written: () => using('postgres', written),
    superuserUrl: async database => {
      const password = encodeURIComponent((await readFile(passwordFileOf(at), 'utf8')).trim())
      return new Secret(`postgresql://innkeeper:${password}@127.0.0.1:${await readPort()}/${database}`)
    },
    ...swapping(work => turn(() => using('postgres', work))),
    superuser: (database, work) => using(database, client => work(querying(client))),

    accepts,
    ensure: signal => turn(() => ensure(signal)),
    provide: (access, connections) => turn(() => provide(access, connections)),
    grant: access => turn(() => grant(access)),
    async receive(folder, signal) {
      if (folder === null) return turn(() => stream.forget())
      const into = await turn(() => stream.define(folder))
      await stream.inStep(into, signal)
    },
    receivedAt: stream.receivedAt,
    drop: access => turn(() => drop(access)),

    async limits(access, { lockMs, statementMs }) {
      const owner = q(access.owner.user)
      await using('postgres', async client => {
        await client.query(`alter role ${owner} set lock_timeout = ${Math.round(lockMs)}`)
        await client.query(`alter role ${owner} set statement_timeout = ${Math.round(statementMs)}`)
      })
    },

    blockers: database => using('postgres', client => blockers(client, database)),
  }
}

/** A connection that broke, or that the server ended (class 57P), told from a statement that it refused. */
function lost(error: unknown): Failure | null {
  if (error instanceof pg.DatabaseError && !error.code?.startsWith('57P')) return null
  return new Failure('database.unreachable', 'the database of the app went away', {
    why: (error as Error).message,
    fix: 'check that its server runs (inn status, inn logs postgres), then try again',
    cause: error,
  })
}

/** The database at a URL, ours or not, for as long as `work` takes: one connection, one statement after the other. */
export async function withDatabase<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'innkeeper',
  })
  client.on('error', () => {}) // The query under way rejects with the same error.
  try {
    await client.connect()
  } catch (error) {
    const why = (error as Error).message
    throw new Failure('database.unreachable', 'the database of the app does not answer', {
      why,
      fix: 'check DATABASE_URL and that the server runs',
      cause: error,
    })
  }
  try {
    return await work(querying(client))
  } finally {
    await client.end()
  }
}

/** Queries over one connection; what breaks it is told from what the server refuses. */
export const querying =
  (client: pg.Client): Query =>
  async (text, values) => {
    try {
      return (await client.query(text, values ? [...values] : undefined)).rows ?? []
    } catch (error) {
      throw lost(error) ?? error
    }
  }
