import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDatabase } from '../../apps/app/names.ts'
import type { Place } from '../../data/places/place.ts'
import type { RestoreOrder } from '../../data/repositories/physical.ts'
import { parseSize } from '../../kernel/sizes.ts'
import { type Calls, LONGEST_MS } from './calls.ts'
import { restoreCommand, targetOptions } from './conf.ts'
import type { ConfFiles } from './files.ts'
import { type Info, progressed, unrestored } from './says.ts'

interface Tools {
  files: ConfFiles
  calls: Calls
}

/** Restores the cluster into a folder, whose old content is removed. */
export async function restore(
  { files, calls }: Tools,
  order: RestoreOrder,
): Promise<{ label: string; bytes: number }> {
  const { place, into, scratch } = order
  await rm(into, { recursive: true, force: true })
  await files.ownFolder(scratch)
  await files.ownFolder(into)
  const own = join(scratch, 'pgbackrest.conf')
  await files.write(own, [place], scratch)
  const received = await linkReceived(files, order)
  const databases = order.databases === null ? [] : await known(calls, place, order)
  const total = { bytes: 0, done: 0 }
  const done = await calls.run({
    argv: [
      'restore',
      `--config=${own}`,
      `--pg1-path=${into}`,
      '--archive-mode=off',
      `--recovery-option=restore_command=${restoreCommand(own, into, received)}`,
      '--log-level-console=detail',
      ...databases.map(name => `--db-include=${name}`),
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

/** The databases to restore; empty: all. A database that is younger than the backup comes with the WAL, so then all are restored. */
async function known(
  calls: Calls,
  place: Place,
  { target, databases }: RestoreOrder,
): Promise<readonly string[]> {
  const set = target.kind === 'backup' ? target.label : target.kind === 'latest' ? undefined : target.backup
  if (set == null) return []
  const argv = ['info', calls.at(place), `--set=${set}`, '--output=json', '--log-level-console=off']
  const { stdout } = await calls.ok({ argv }, place, `${set} cannot be read`)
  const held = (JSON.parse(stdout) as Info[])[0]?.backup[0]?.['database-ref']?.map(d => d.name) ?? []
  // After a swap of databases, a name may belong to another database than in the backup, so all are restored.
  const swapped = held.some(name => parseDatabase(name).beside !== null)
  return !swapped && databases!.every(name => held.includes(name)) ? databases! : []
}
