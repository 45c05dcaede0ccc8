import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestoreOrder } from '../../data/repositories/physical.ts'
import { parseSize } from '../../kernel/sizes.ts'
import { type Calls, LONGEST_MS } from './calls.ts'
import { restoreCommand, targetOptions } from './conf.ts'
import type { ConfFiles } from './files.ts'
import { progressed, unrestored } from './says.ts'

interface Tools {
  stanza: string
  files: ConfFiles
  calls: Calls
}

/** Restores the cluster into a folder, whose old content is removed. */
export async function restore(
  { stanza, files, calls }: Tools,
  order: RestoreOrder,
): Promise<{ label: string; bytes: number }> {
  const { place, into, scratch } = order
  await rm(into, { recursive: true, force: true })
  await files.ownFolder(scratch)
  await files.ownFolder(into)
  const own = join(scratch, 'pgbackrest.conf')
  await files.write(own, [place], scratch)
  const received = await linkReceived(files, order)
  const total = { bytes: 0, done: 0 }
  const done = await calls.run({
    argv: [
      'restore',
      `--config=${own}`,
      `--pg1-path=${into}`,
      '--archive-mode=off',
      `--recovery-option=restore_command=${restoreCommand(stanza, place.kind, { conf: own, data: into, received })}`,
      '--log-level-console=detail',
      ...targetOptions(order.target),
    ],
    timeoutMs: LONGEST_MS,
    ...(order.signal === undefined ? {} : { signal: order.signal }),
    pidFile: join(scratch, 'restore.pid'),
    onLine: line => progressed(line, total, order.onProgress),
  })
  if (done.code !== 0) throw unrestored(place, done.tail)
  const label = /restore backup set (\S+?),/.exec(done.stdout)?.[1] ?? ''
  const size = /restore size = ([\d.]+ ?[KMGT]?B)/.exec(done.tail)?.[1]
  return { label, bytes: parseSize(size ?? '') ?? 0 }
}

/** A folder of links with names of our own: the path of a place may contain characters that a shell would interpret. */
async function linkReceived(files: ConfFiles, { scratch, received = [] }: RestoreOrder): Promise<string> {
  const folder = join(scratch, 'received')
  await rm(folder, { recursive: true, force: true })
  await files.ownFolder(folder)
  for (const [n, from] of received.entries()) await symlink(from, join(folder, String(n)))
  return folder
}
