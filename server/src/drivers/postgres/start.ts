import { join } from 'node:path'
import { clusterGone } from '../../apps/databases/gone.ts'
import type { ServiceSpec, Supervisor } from '../../servers/supervisor/supervisor.ts'
import { execOk } from '../host/exec.ts'
import { exists, makeFolder } from '../host/files.ts'
import type { Access } from './access.ts'
import { createCluster, installed, type Place, portOf, socketFolderOf, writePassFile } from './create.ts'
import { closeShared } from './grant.ts'
import { prepareHeartbeat } from './heartbeat.ts'
import { ready } from './ready.ts'

export interface Options extends Place {
  log: string
  supervisor: Supervisor
  /** The archive_command, which runs for each finished WAL segment. */
  archiveCommand: () => string
}

/** A segment ends after this time, so that at most about a minute is not archived: until it ends, and on its way to the places. */
export const ARCHIVE_TIMEOUT_SECONDS = 45

/** Creates and starts the cluster, and waits until it is ready; does nothing when it runs. */
export async function startCluster(
  options: Options,
  { connect, using }: Access,
  signal?: AbortSignal,
): Promise<void> {
  const { at, supervisor } = options
  const { major, bin } = await installed(at)
  const data = join(at, String(major))
  if (!(await exists(join(data, 'PG_VERSION')))) {
    // The cluster existed and its files are gone. Creating an empty one would make that look like success.
    if ((await portOf(at)) !== null) throw clusterGone(data)
    await createCluster(options, { bin, data })
  }
  await makeSocketFolder(options)
  await supervisor.define(await serviceOf(options, { bin, data }))
  await supervisor.start('postgres')
  await ready(connect, async () => (await supervisor.state('postgres'))?.crashes ?? 0, signal)
  await writePassFile(at, await options.account())
  await using('postgres', async client => {
    await closeShared(client)
    await prepareHeartbeat(client)
  })
}

async function makeSocketFolder({ run, account }: Options): Promise<void> {
  const folder = socketFolderOf(run)
  await makeFolder(folder, 0o755)
  const user = await account()
  if (user === null) return
  const argv = ['chown', user.name, folder]
  await execOk({ argv, timeoutMs: 10_000 }, 'preparing the socket folder')
}

async function serviceOf(
  { archiveCommand, log, account }: Options,
  { bin, data }: { bin: string; data: string },
): Promise<ServiceSpec> {
  return {
    name: 'postgres',
    // Archiving is set on the command line. In its files, a restored copy would have it too, and a copy must never archive.
    argv: [
      join(bin, 'postgres'),
      ...['-D', data],
      ...['-c', 'archive_mode=on'],
      ...['-c', `archive_command=${archiveCommand()}`],
      ...['-c', `archive_timeout=${ARCHIVE_TIMEOUT_SECONDS}`],
    ],
    cwd: '/',
    env: { LANG: 'C.UTF-8' },
    user: (await account())?.name ?? null,
    log,
    tag: '-',
    graceSeconds: 60,
  }
}
