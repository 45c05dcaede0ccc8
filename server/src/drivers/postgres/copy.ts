import { createHmac } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Account } from '../../apps/app/account.ts'
import type { ClusterPlace, DatabaseAccess, Login } from '../../data/databases/cluster.ts'
import type { Copies } from '../../data/restores/clusters-beside.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { connectPinned, guarded, querying } from './connect.ts'
import { portFileOf, portOf } from './create.ts'
import { makeChecks, makeReader, READER } from './reader.ts'

interface Options {
  /** Folder of all copies. */
  at: string
  run: string
  logs: string
  supervisor: Supervisor
  account: () => Promise<Account | null>
  cluster: () => Promise<ClusterPlace | null>
}

/** Where nobody listens on the network, it names the socket and nothing more. */
const SOCKET_PORT = 5432
/** 1.5 GB of log take some twenty seconds; a day of it may take minutes. */
const LONGEST_RECOVERY_MS = 6 * 3_600_000

/** Copies as services of the supervisor: they survive the keeper, and end with `inn down`. */
export function postgresCopies(options: Options): Copies {
  const { at, supervisor } = options
  const folder = (name: string) => join(at, name)
  const dataOf = (name: string) => join(folder(name), 'data')
  const service = (name: string) => `copy.${name}`
  const socketFolder = (name: string) => join(options.run, `c-${name}`)

  async function place(name: string): Promise<ClusterPlace> {
    const real = (await options.cluster())!
    const port = (await portOf(folder(name))) ?? SOCKET_PORT
    return { ...real, data: dataOf(name), socketFolder: socketFolder(name), port }
  }

  const passwordOf = async ({ passFile }: ClusterPlace): Promise<string> =>
    (await readFile(passFile, 'utf8')).trim().split(':').at(-1)!

  async function connect(name: string, database: string): Promise<pg.Client> {
    const at = await place(name)
    const { socketFolder: host, port, user } = at
    return connectPinned({ host, port, user, password: await passwordOf(at), database })
  }

  async function superuser<T>(
    name: string,
    database: string,
    work: Parameters<Copies['superuser']>[2],
  ): Promise<T> {
    const client = await connect(name, database)
    try {
      return (await work(querying(client))) as T
    } finally {
      await client.end()
    }
  }

  /** The passwords of the roles in it stay those of its moment, so that they can be tried. */
  async function reader(name: string, access: DatabaseAccess): Promise<Login> {
    const { bin, socketFolder, port, ...at } = await place(name)
    // Of this copy alone, and the same whenever it is asked for.
    const key = await passwordOf({ bin, socketFolder, port, ...at })
    const password = createHmac('sha256', key).update(`reader of ${name}`).digest('hex')
    await superuser(name, 'postgres', query => makeReader(query, access, password))
    return { bin, socketFolder, port, user: READER, password: new Secret(password) }
  }

  /** It takes no connection before it is out of recovery: the first one says that the target is reached. */
  async function reached(name: string, signal?: AbortSignal): Promise<void> {
    for (
      const end = Date.now() + LONGEST_RECOVERY_MS;
      Date.now() < end;
      await sleep(50, undefined, { signal })
    ) {
      try {
        const client = await connect(name, 'postgres')
        const { rows } = await client.query<{ still: boolean }>(
          'select pg_catalog.pg_is_in_recovery() as still',
        )
        await client.end()
        if (!rows[0]!.still) return
      } catch {
        // Not yet: what it waits for is in its log, and an end of it is counted below.
      }
      if (((await supervisor.state(service(name)))?.crashes ?? 0) > 0) break
    }
    signal?.throwIfAborted()
    await supervisor.stop(service(name))
    throw await unreached(join(options.logs, service(name)))
  }

  async function define(
    name: string,
    { port, background }: { port: number | null; background: boolean },
  ): Promise<void> {
    const { bin, data, socketFolder: sockets } = await place(name)
    await supervisor.define({
      name: service(name),
      argv: [
        ...(background ? ['nice', '-n', '10', 'ionice', '-c', '3'] : []),
        ...[join(bin, 'postgres'), '-D', data],
        ...settings({ port, sockets }).flatMap(setting => ['-c', setting]),
      ],
      cwd: '/',
      env: { LANG: 'C.UTF-8' },
      user: (await options.account())?.name ?? null,
      log: join(options.logs, service(name)),
      tag: '-',
      graceSeconds: 30,
    })
  }

  return {
    place,
    superuser,
    reader,

    async checker(name, access) {
      const as = await reader(name, access)
      await superuser(name, access.name, makeChecks)
      return as
    },

    async reading(name, { access, longestMs = null }, work) {
      const { socketFolder: host, port, user, password } = await reader(name, access)
      const to = { host, port, user, password: password.reveal(), database: access.name }
      const end = async (pid: number) =>
        void (await superuser(name, 'postgres', query => query('select pg_terminate_backend($1)', [pid])))
      return guarded({ connect: () => connectPinned(to), end, longestMs }, work)
    },

    async fetch(physical, { name, port, background, ...order }) {
      await this.remove(name)
      await makeFolder(at)
      await makeFolder(folder(name))
      if (port !== null) await writeDurable(portFileOf(folder(name)), String(port))
      // While the files come: the supervisor looks for new services every five seconds, and each of its own files waits
      // for a disk that is busy with the backup before.
      const defined = define(name, { port, background })
      const scratch = join(folder(name), 'scratch')
      const restored = physical.restore({ ...order, into: dataOf(name), scratch })
      // Whichever fails, nothing of the other is written afterwards.
      await Promise.allSettled([defined, restored])
      await defined
      return restored
    },

    async start(name, signal) {
      const account = await options.account()
      const sockets = socketFolder(name)
      await mkdir(sockets, { recursive: true, mode: 0o755 })
      if (account !== null) await chown(sockets, account.uid, account.gid)
      await supervisor.start(service(name))
      await reached(name, signal)
    },

    async remove(name) {
      if ((await supervisor.state(service(name))) !== null) await supervisor.remove(service(name))
      await removeTree(folder(name))
      await rm(socketFolder(name), { recursive: true, force: true })
      await removeTree(join(options.logs, service(name)))
    },

    list: () => readdir(at).catch(() => []),
  }
}

/**
 * Nothing of a copy may reach the archive. One that nobody is given is made anew when the power goes, so it need not
 * wait for the disk.
 */
const settings = ({ port, sockets }: { port: number | null; sockets: string }): string[] => [
  'archive_mode=off',
  'archive_command=',
  'synchronous_standby_names=',
  'hot_standby=off',
  `listen_addresses=${port === null ? '' : '127.0.0.1'}`,
  `port=${port ?? SOCKET_PORT}`,
  `unix_socket_directories=${sockets}`,
  'shared_buffers=64MB',
  'max_wal_size=4GB',
  ...(port === null ? ['fsync=off', 'full_page_writes=off'] : []),
  'autovacuum=off',
]

async function unreached(log: string): Promise<Failure> {
  const text = await readFile(join(log, 'current'), 'utf8').catch(() => '')
  const plainText = text.replaceAll(/^\S+ - /gm, '')
  const early = /recovery ended before configured recovery target/.test(plainText)
  return new Failure(
    early ? 'restore.target' : 'restore.unrecovered',
    early ? 'the write-ahead log ends before that moment' : 'the restored copy does not come up',
    {
      why: telling(plainText),
      fix: early
        ? 'inn backup list shows the window that can be restored'
        : 'restore from another backup or place: inn backup verify says what is sound',
    },
  )
}
