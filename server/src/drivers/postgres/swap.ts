import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterFiles } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { execOk } from '../host/exec.ts'
import { exists, writeDurable } from '../host/files.ts'
import type { Access } from './access.ts'
import { dataOf, majorFileOf, majorIn, ownedBy, type Place } from './create.ts'
import { type Options, runCluster } from './start.ts'

/** Exchanges the data folder of a cluster with another one on the same disk. */
export async function swapFiles(
  options: Options,
  access: Access,
  { fresh, aside, timeline }: Parameters<ClusterFiles['swap']>[0],
): Promise<void> {
  const { at, supervisor, service } = options
  const own = dataOf(at)
  if (await exists(join(fresh, 'PG_VERSION'))) {
    if ((await supervisor.state(service)) !== null) await supervisor.stop(service)
    if (await exists(own)) await renameHere(own, aside)
    if (timeline === 'new') await beginTimeline(options, { data: fresh, after: aside })
    await renameHere(fresh, own)
    await writeDurable(majorFileOf(at), String(await majorIn(own)))
  } else if (!(await exists(own))) throw lost(fresh)
  await runCluster(options, access)
}

/**
 * Lets a cluster that was stopped begin a new timeline at its next start. PostgreSQL takes the first number after those
 * whose history it finds, so the histories of the files that served since are copied beside.
 */
async function beginTimeline(
  { account }: Place,
  { data, after }: { data: string; after: string },
): Promise<void> {
  const user = ownedBy(await account())
  const put = (from: string, to: string) =>
    execOk(
      { argv: ['install', '-m', '600', ...user, from, to], timeoutMs: 10_000 },
      'beginning a new timeline',
    )
  const histories = await readdir(join(after, 'pg_wal')).catch(() => [])
  for (const name of histories.filter(name => name.endsWith('.history')))
    await put(join(after, 'pg_wal', name), join(data, 'pg_wal', name))
  await put('/dev/null', join(data, 'recovery.signal'))
}

async function renameHere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    throw new Failure('restore.disk', `${from} and ${to} are on different disks`, {
      why: 'restored data takes its place by a rename, which works on one disk alone',
      fix: 'put all of the folder postgres/ of the home on one disk',
    })
  })
}

const lost = (fresh: string): Failure =>
  new Failure('restore.gone', 'neither the data that serves nor the restored data is there', {
    why: `${fresh} is gone, and the cluster has no files`,
    fix: '`inn recovery database APP` brings back the last archived moment',
  })
