import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clusterGone } from '../../apps/databases/gone.ts'
import { LOGGING, type Sizes, settingsOf } from '../../apps/databases/sizing.ts'
import { Failure } from '../../kernel/failure.ts'
import type { ServiceSpec, Supervisor } from '../../servers/supervisor/supervisor.ts'
import { execOk } from '../host/exec.ts'
import { exists, makeFolder } from '../host/files.ts'
import { isFree } from '../host/ports.ts'
import type { Access } from './access.ts'
import {
  createCluster,
  dataOf,
  majorOf,
  type Place,
  passwordFileOf,
  portOf,
  programsOf,
  socketFolderOf,
  writePassFile,
} from './create.ts'
import { closeShared } from './grant.ts'
import { prepareHeartbeat } from './heartbeat.ts'
import { ready } from './ready.ts'
import { reasonOf } from './reason.ts'
import { countingSettings, prepareStatements } from './statements.ts'

export interface Options extends Place {
  app: string
  /** Names of its services. */
  service: string
  receiver: string
  log: string
  supervisor: Supervisor
  /** The archive_command, which runs for each finished WAL segment. */
  archiveCommand: () => string
  /** How much of the machine the cluster takes. */
  sizes: () => Promise<Sizes>
}

/** A segment ends after this time, so that at most about a minute is not archived: until it ends, and on its way to the places. */
export const ARCHIVE_TIMEOUT_SECONDS = 45

/** Creates and starts the cluster, and waits until it is ready; does nothing when it runs. */
export async function startCluster(
  options: Options,
  access: Access,
  { signal, major: wanted }: { signal?: AbortSignal | undefined; major?: number | undefined },
): Promise<void> {
  const { at, app } = options
  const known = (await portOf(at)) !== null
  // A service without records: the whole folder of the cluster is gone, and an empty one would hide it.
  if (!known && (await options.supervisor.state(options.service)) !== null) throw clusterGone(app, dataOf(at))
  const major = known ? await majorOf(at) : (wanted ?? (await majorOf(at)))
  if (wanted !== undefined && wanted !== major) throw otherMajor(app, major, wanted)
  const bin = await programsOf(major)
  if (!(await exists(join(dataOf(at), 'PG_VERSION')))) {
    // The cluster existed and its files are gone. Creating an empty one would make that look like success.
    if (known) throw clusterGone(app, dataOf(at))
    await createCluster(options, { major, bin })
  }
  await runCluster(options, access, signal)
  await access.using('postgres', async client => {
    await closeShared(client)
    await prepareHeartbeat(client)
    await prepareStatements(client)
  })
}

const otherMajor = (app: string, major: number, wanted: number): Failure =>
  new Failure('database.major', `the PostgreSQL of ${app} is ${major}, and innkeeper.yaml says ${wanted}`, {
    why: 'files of one major are opened by that one alone, and Innkeeper does not upgrade them yet',
    fix: `write database: { postgres: { version: ${major} } }, or postgres: true`,
  })

/** Starts the service of a cluster whose files are there, and waits until it answers. */
export async function runCluster(options: Options, { connect }: Access, signal?: AbortSignal): Promise<void> {
  const { at, supervisor, service } = options
  await makeSocketFolder(options)
  await supervisor.define(await serviceOf(options))
  const taken = (await supervisor.state(service))?.pid == null ? await portTaken(options, signal) : null
  // Started in any case: the supervisor tries again and again, until the port is free.
  await supervisor.start(service)
  if (taken !== null) throw taken
  const crashes = async () => (await supervisor.state(service))?.crashes ?? 0
  await ready({ connect, crashes, app: options.app, reason: () => reasonOf(options.log) }, signal)
  if (await exists(passwordFileOf(at))) await writePassFile(at, await options.account())
}

/** Stops it, as PostgreSQL's `fast` does, and starts it with the settings of the machine as it is now. */
export async function restartCluster(options: Options, access: Access, signal?: AbortSignal): Promise<void> {
  const { supervisor, service } = options
  // A restart that was cut off after the stop goes on here.
  if ((await supervisor.state(service))?.pid != null) {
    // What the stop would have to write, while everybody is still served.
    await access.using('postgres', async client => void (await client.query('checkpoint')))
    await supervisor.stop(service)
  }
  await runCluster(options, access, signal)
}

/** Longest wait for another program to give back the port, which it took while the cluster was stopped. */
const PORT_MS = 10_000

async function portTaken({ app, at }: Options, signal?: AbortSignal): Promise<Failure | null> {
  const port = (await portOf(at))!
  for (const end = Date.now() + PORT_MS; !(await isFree(port)); await sleep(200)) {
    signal?.throwIfAborted()
    if (Date.now() < end) continue
    return new Failure(
      'database.port-taken',
      `the PostgreSQL of ${app} cannot start: its port ${port} is taken`,
      {
        why: 'another program began to listen there while it was stopped',
        fix: `\`ss -ltnp 'sport = :${port}'\` shows which; end it: then PostgreSQL starts, and \`inn start ${app}\` serves again`,
        facts: { port },
      },
    )
  }
  return null
}

async function makeSocketFolder({ run, account }: Options): Promise<void> {
  const folder = socketFolderOf(run)
  await makeFolder(folder, 0o755)
  const user = await account()
  if (user === null) return
  const argv = ['chown', user.name, folder]
  await execOk({ argv, timeoutMs: 10_000 }, 'preparing the socket folder')
}

async function serviceOf(options: Options): Promise<ServiceSpec> {
  const { at, run, archiveCommand, log, account, service, sizes } = options
  // All settings are on the command line. In its files, a restored copy would have them too, and a copy must never archive.
  const bin = await programsOf(await majorOf(at))
  const settings: Record<string, string> = {
    ...settingsOf(await sizes()),
    ...LOGGING,
    ...(await countingSettings(bin)),
    listen_addresses: '127.0.0.1',
    port: String(await portOf(at)),
    unix_socket_directories: socketFolderOf(run),
    unix_socket_permissions: '0777',
    password_encryption: 'scram-sha-256',
    log_destination: 'stderr',
    logging_collector: 'off',
    archive_mode: 'on',
    archive_command: archiveCommand(),
    archive_timeout: String(ARCHIVE_TIMEOUT_SECONDS),
    // Only for files that a restore put aside and that serve again: they begin a new timeline, without any archive.
    restore_command: '/bin/false',
    recovery_target_timeline: 'current',
  }
  return {
    name: service,
    argv: [
      ...[join(bin, 'postgres'), '-D', dataOf(at)],
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    cwd: '/',
    env: { LANG: 'C.UTF-8' },
    user: (await account())?.name ?? null,
    log,
    tag: '-',
    graceSeconds: 60,
    stopSignal: 'INT',
  }
}
