import { join } from 'node:path'
import type { Cluster } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { FolderPlace, Place } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import { mounted, type PlaceEyes } from '../repositories/ready.ts'

/** What streams the log to a folder. */
export interface StreamPorts extends PlaceEyes {
  /** What all apps ask for, as they are now. */
  policy(): Promise<Policy>
  cluster: Pick<Cluster, 'place' | 'receive'>
}

/** Folder of a place that the write-ahead log is streamed to. */
export const receivedAt = ({ path }: FolderPlace): string => join(path, 'received')

/** Where it may have been streamed to, now or before. */
export const receivedFolders = (places: readonly Place[]): string[] =>
  places.flatMap(place => (place.kind === 'folder' ? [receivedAt(place)] : []))

/** As this app wants it from now on, which is about to serve. Failure `rpo.elsewhere`, `rpo.receiver`, `backup.place`. */
export async function receiveFor(
  ports: StreamPorts,
  { app, folder }: { app: string; folder: { name: string; path: string } | null },
  signal: AbortSignal,
): Promise<void> {
  const { receive } = await ports.policy()
  const others = receive?.apps.filter(name => name !== app) ?? []
  if (others.length === 0) return receiveAt(ports, folder && { kind: 'folder', ...folder }, signal)
  if (folder !== null && folder.path !== receive!.place.path) throw elsewhere(receive!.place, others)
}

/** As the releases that serve ask for it. */
export async function receiveAsAsked(ports: StreamPorts): Promise<void> {
  const { receive } = await ports.policy()
  await receiveAt(ports, receive?.place ?? null)
}

/** A disk that is not mounted must not be written to in its place: nobody would know that there is one copy alone. */
async function receiveAt(ports: StreamPorts, place: FolderPlace | null, signal?: AbortSignal): Promise<void> {
  if ((await ports.cluster.place()) === null) return
  if (place !== null) await mounted(ports, place)
  await ports.cluster.receive(place && receivedAt(place), signal)
}

const elsewhere = (place: FolderPlace, apps: readonly string[]): Failure =>
  new Failure('rpo.elsewhere', `commits already wait for ${place.path}`, {
    why: `${list(apps)} asked for it, and the databases here have one log`,
    fix: `give rpo: 0 to the place with folder: ${place.path}, here too`,
  })

/** Removes what the archive of the same place has taken over. */
export async function dropReceived(
  { files }: { files: { tree(path: string): Promise<string[]>; remove(path: string): Promise<void> } },
  place: FolderPlace,
  segments: readonly string[],
): Promise<void> {
  for (const path of takenOver(await files.tree(receivedAt(place)), segments)) await files.remove(path)
}

/**
 * The streamed files that can be removed: their segment is archived, or a later timeline has reached that position. What is being written, and files that tell where a timeline began, stay as long as that.
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
