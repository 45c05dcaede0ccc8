import { join } from 'node:path'
import { accessOf } from '../databases/access.ts'
import type { FolderPlace } from './place.ts'
import { placeReady } from './places.ts'
import type { BackupPorts } from './ports.ts'

/** Folder of a place that the write-ahead log is streamed to. */
export const receivedAt = ({ path }: FolderPlace): string => join(path, 'received')

/** A disk that is not mounted must not be written to in its place: nobody would know that there is one copy alone. */
export async function receiveAt(ports: BackupPorts, place: FolderPlace, signal?: AbortSignal): Promise<void> {
  await placeReady(ports, place)
  await ports.cluster.receive(receivedAt(place), signal)
}

/** As the apps ask for it now: also after a return to a release that asked otherwise. */
export async function receiveAsAsked(ports: BackupPorts): Promise<void> {
  const port = await ports.cluster.port()
  if (port === null || (await ports.cluster.place()) === null) return
  const { receive } = await ports.policy()
  if (receive === null) await ports.cluster.receive(null)
  else await receiveAt(ports, receive.place)
  const databases = new Set(await ports.cluster.databases())
  for (const { name } of await ports.apps.all()) {
    const access = accessOf(name, port, await ports.apps.secrets(name))
    if (databases.has(access.name))
      await ports.cluster.setWaiting(access, receive?.apps.includes(name) ?? false)
  }
}

/** Removes what the archive of the same place has taken over. */
export async function dropReceived(
  { files }: Pick<BackupPorts, 'files'>,
  place: FolderPlace,
  segments: readonly string[],
): Promise<void> {
  for (const path of takenOver(await files.tree(receivedAt(place)), segments)) await files.remove(path)
}

/**
 * Of these paths, those that are of no use any more: the segment is archived, or a later timeline has gone over its
 * place. What is being written, and files that tell where a timeline began, stay as long as that.
 */
export function takenOver(paths: readonly string[], segments: readonly string[]): string[] {
  const archived = new Set(segments)
  const newest = segments.at(-1)
  return paths.filter(path => {
    const name = /\/([0-9A-F]{24})(?:\.partial)?$/.exec(path)?.[1]
    if (name === undefined || newest === undefined) return false
    const passed = name.slice(0, 8) < newest.slice(0, 8) && name.slice(8) <= newest.slice(8)
    return passed || (archived.has(name) && !path.endsWith('.partial'))
  })
}
