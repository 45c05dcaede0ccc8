import { access as exists, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Account } from '../apps/account.ts'
import type { Cluster } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import { Failure } from '../kernel/failure.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import { execOk } from './exec.ts'
import { makeFolder, writeDurable } from './files.ts'
import { freePort } from './ports.ts'

interface Options {
  /** Folder of the cluster, its password and its port. */
  at: string
  run: string
  log: string
  supervisor: Supervisor
  /** The user that PostgreSQL runs as; null: ours, when we are not root. */
  account: () => Promise<Account | null>
  newPassword: () => string
}

const MAX_CONNECTIONS = 400
const q = (name: string): string => pg.escapeIdentifier(name)

/** The newest PostgreSQL of the machine's packages: major version and folder of its programs. */
async function newestMajor(): Promise<{ major: number; bin: string }> {
  const majors = (await readdir('/usr/lib/postgresql').catch(() => [])).map(Number).filter(n => n > 0)
  if (majors.length === 0) {
    throw new Failure('database.missing', 'PostgreSQL is not installed', {
      why: 'there is no /usr/lib/postgresql/*/bin',
      fix: 'apt-get install postgresql',
    })
  }
  const major = Math.max(...majors)
  return { major, bin: `/usr/lib/postgresql/${major}/bin` }
}

/** A cluster on loopback and a unix socket, scram everywhere, kept by the supervisor. */
export function postgres(options: Options): Cluster {
  const { at, run, supervisor } = options
  const portFile = join(at, 'port')
  const passwordFile = join(at, 'password')
  const socketFolder = join(run, 'pg')

  const readPort = async (): Promise<number | null> => {
    const text = await readFile(portFile, 'utf8').catch(() => null)
    return text === null ? null : Number(text)
  }

  async function connect(database = 'postgres'): Promise<pg.Client> {
    const port = await readPort()
    if (port === null) throw down('it was never made')
    const password = (await readFile(passwordFile, 'utf8')).trim()
    const client = new pg.Client({
      host: socketFolder,
      port,
      user: 'innkeeper',
      password,
      database,
      connectionTimeoutMillis: 5_000,
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

  /** initdb into a temporary name, renamed when whole: a half-made cluster is never started. */
  async function create(bin: string, data: string): Promise<void> {
    const account = await options.account()
    await makeFolder(at)
    const password = (await readFile(passwordFile, 'utf8').catch(() => '')).trim() || options.newPassword()
    await writeDurable(passwordFile, password)
    const port = (await readPort()) ?? (await freePort())
    const half = `${data}.half`
    const handed = join(at, 'password.initdb')
    const owner = account === null ? [] : ['-o', account.name, '-g', account.name]
    await execOk({ argv: ['rm', '-rf', half], timeoutMs: 60_000 }, 'clearing a half-made cluster')
    await execOk(
      { argv: ['install', '-d', '-m', '700', ...owner, half], timeoutMs: 10_000 },
      'making the cluster folder',
    )
    const init = [
      join(bin, 'initdb'),
      '-D',
      half,
      '-U',
      'innkeeper',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '-A',
      'scram-sha-256',
      '--data-checksums',
      `--pwfile=${handed}`,
    ]
    await execOk(
      { argv: ['install', '-m', '600', ...owner, passwordFile, handed], timeoutMs: 10_000 },
      'handing initdb its password',
    )
    try {
      await execOk({ argv: init, user: account, env: { LANG: 'C.UTF-8' }, timeoutMs: 120_000 }, 'initdb')
    } finally {
      await rm(handed, { force: true })
    }
    const conf = [
      `listen_addresses = '127.0.0.1'`,
      `port = ${port}`,
      `unix_socket_directories = '${socketFolder}'`,
      'unix_socket_permissions = 0777',
      `max_connections = ${MAX_CONNECTIONS}`,
      `password_encryption = 'scram-sha-256'`,
      `log_destination = 'stderr'`,
      'logging_collector = off',
      'log_lock_waits = on',
    ]
    await execOk(
      {
        argv: ['tee', '-a', join(half, 'postgresql.conf')],
        user: account,
        input: `\n${conf.join('\n')}\n`,
        timeoutMs: 10_000,
      },
      'writing postgresql.conf',
    )
    await execOk({ argv: ['mv', '-T', half, data], timeoutMs: 10_000 }, 'putting the cluster in place')
    await writeDurable(portFile, String(port))
  }

  return {
    port: readPort,

    async ensure(signal) {
      const { major, bin } = await installed(at)
      const data = join(at, String(major))
      const account = await options.account()
      if (
        !(await exists(join(data, 'PG_VERSION')).then(
          () => true,
          () => false,
        ))
      )
        await create(bin, data)
      await makeFolder(socketFolder, 0o755)
      if (account)
        await execOk(
          { argv: ['chown', account.name, socketFolder], timeoutMs: 10_000 },
          'preparing the socket folder',
        )
      await supervisor.define({
        name: 'postgres',
        argv: [join(bin, 'postgres'), '-D', data],
        cwd: '/',
        env: { LANG: 'C.UTF-8' },
        user: account?.name ?? null,
        log: options.log,
        tag: '-',
        graceSeconds: 60,
      })
      await supervisor.start('postgres')
      await ready(connect, async () => (await supervisor.state('postgres'))?.crashes ?? 0, signal)
    },

    async provide(access, connections) {
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
      await this.grant(access)
    },

    async grant(access) {
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
          await client.query(
            `grant select, insert, update, delete on all tables in schema ${schema} to ${app}`,
          )
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
    },

    async limits(access, { lockMs, statementMs }) {
      const owner = q(access.owner.user)
      await using('postgres', async client => {
        await client.query(`alter role ${owner} set lock_timeout = ${Math.round(lockMs)}`)
        await client.query(`alter role ${owner} set statement_timeout = ${Math.round(statementMs)}`)
      })
    },

    blockers: database =>
      using('postgres', async client => {
        const found = await client.query<{
          pid: number
          usename: string
          state: string
          query: string
          seconds: number
        }>(
          `select distinct b.pid, b.usename, b.state, left(b.query, 100) as query, round(extract(epoch from clock_timestamp() - b.xact_start))::int as seconds
             from pg_stat_activity w cross join lateral unnest(pg_blocking_pids(w.pid)) as held(pid)
             join pg_stat_activity b on b.pid = held.pid where w.datname = $1`,
          [database],
        )
        return found.rows.map(
          r => `session ${r.pid} of ${r.usename}, ${r.state} for ${r.seconds} s in a transaction: ${r.query}`,
        )
      }),
  }
}

/** The major that the cluster was made with; for a new one, the newest there is. */
async function installed(at: string): Promise<{ major: number; bin: string }> {
  const made = (await readdir(at).catch(() => [])).filter(name => /^\d+$/.test(name)).map(Number)
  if (made.length === 0) return newestMajor()
  const major = Math.max(...made)
  return { major, bin: `/usr/lib/postgresql/${major}/bin` }
}

async function ready(
  connect: () => Promise<pg.Client>,
  crashes: () => Promise<number>,
  signal?: AbortSignal,
): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    signal?.throwIfAborted()
    try {
      await (await connect()).end()
      return
    } catch (error) {
      if (Date.now() > end) throw error
    }
    // It does not even come up: waiting longer would only hide why.
    if ((await crashes()) >= 3) throw down('it ends right after it starts')
  }
}

function down(why: string, cause?: unknown): Failure {
  return new Failure('database.down', 'PostgreSQL does not answer', {
    why,
    fix: 'inn logs postgres -n 50',
    cause,
  })
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
    connectionTimeoutMillis: 10_000,
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
    return await work(async (text, values) => {
      try {
        return (await client.query(text, values ? [...values] : undefined)).rows ?? []
      } catch (error) {
        throw lost(error) ?? error
      }
    })
  } finally {
    await client.end()
  }
}
