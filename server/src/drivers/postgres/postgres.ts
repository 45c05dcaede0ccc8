import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Cluster, ClusterPlace, DatabaseAccess, OwnerOrder } from '../../data/databases/cluster.ts'
import { clusterGone } from '../../data/databases/gone.ts'
import type { Query } from '../../data/databases/migrations.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import { execOk } from '../host/exec.ts'
import { exists, makeFolder } from '../host/files.ts'
import { connectPinned, guarded, querying, unanswered } from './connect.ts'
import {
  createCluster,
  installed,
  type Place,
  passwordFileOf,
  portOf,
  socketFolderOf,
  writePassFile,
} from './create.ts'
import { closeShared, enoughFor, grantOwned, prepareSchema } from './grant.ts'
import { HEARTBEAT_DATABASE, heartbeat, mark, prepareHeartbeat, written } from './heartbeat.ts'
import { down, ready } from './ready.ts'
import { receiving } from './receive.ts'
import { blockers } from './sessions.ts'
import { dropDatabase, swapping } from './swap.ts'

interface Options extends Place {
  log: string
  supervisor: Supervisor
  /** Run for each finished segment of the write-ahead log. */
  archiveCommand: () => string
}

/** At most a minute is at risk: until a segment ends, and on its way to the places. */
const ARCHIVE_TIMEOUT_SECONDS = 45

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
    try {
      return await connectPinned({ host: socketFolder, port, user: 'innkeeper', password, database })
    } catch (error) {
      throw down((error as Error).message, error)
    }
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
    await using('postgres', async client => {
      await closeShared(client)
      await prepareHeartbeat(client)
    })
  }

  async function provide(access: DatabaseAccess, connections: number): Promise<void> {
    await using('postgres', async client => {
      await enoughFor(client, access, connections)
      for (const role of [access.owner, access.app]) {
        const known = await client.query('select 1 from pg_roles where rolname = $1', [role.user])
        if (known.rowCount === 0) await client.query(`create role ${q(role.user)}`)
        await client.query(
          `alter role ${q(role.user)} login nosuperuser nocreatedb nocreaterole noreplication password ${pg.escapeLiteral(role.password.reveal())}`,
        )
      }
      // So that what the app makes at run time, as large objects, can be dumped with the owner's rights.
      await client.query(`grant ${q(access.app.user)} to ${q(access.owner.user)}`)
      // Both colours run at once during a switch, each with its whole budget.
      await client.query(`alter role ${q(access.app.user)} connection limit ${connections * 2}`)
      await client.query(`alter role ${q(access.owner.user)} connection limit ${connections * 2 + 5}`)
      const made = await client.query('select 1 from pg_database where datname = $1', [access.name])
      if (made.rowCount === 0)
        await client.query(
          `create database ${q(access.name)} owner ${q(access.owner.user)} template template0`,
        )
      await client.query(`revoke all on database ${q(access.name)} from public`)
      await client.query(`grant connect, temporary on database ${q(access.name)} to ${q(access.app.user)}`)
    })
    await using(access.name, client => prepareSchema(client, access))
    await grant(access)
  }

  async function drop(access: DatabaseAccess): Promise<void> {
    await using('postgres', async client => {
      await dropDatabase(client, access.name)
      for (const { user } of [access.owner, access.app]) await client.query(`drop role if exists ${q(user)}`)
    })
  }

  /** Signed in as the owner: whoever can be made to run something there, it is nobody with more rights. */
  async function owner<T>(
    access: DatabaseAccess,
    { database = access.name, longestMs }: OwnerOrder,
    work: (query: Query) => Promise<T>,
  ): Promise<T> {
    const port = await readPort()
    if (port === null) throw down('it was never made')
    const { user, password } = access.owner
    const to = { host: socketFolder, port, user, password: password.reveal(), database }
    const connect = () =>
      connectPinned(to).catch(error => {
        throw unanswered(error)
      })
    const end = async (pid: number) =>
      void (await using('postgres', client => client.query('select pg_terminate_backend($1)', [pid])))
    return guarded({ connect, end, longestMs: longestMs ?? null }, work)
  }

  const grant = (access: DatabaseAccess): Promise<void> =>
    owner(access, {}, query => grantOwned(query, access.app.user))

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
    ...swapping((work, database = 'postgres') => turn(() => using(database, work))),
    superuser: work => using('postgres', client => work(querying(client))),
    owner,

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
