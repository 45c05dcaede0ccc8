import { join } from 'node:path'
import type { Cluster } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { FolderPlace, Place } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import { mounted, type PlaceEyes } from '../repositories/ready.ts'

/** What it takes to stream the WAL to a folder. */
export interface StreamPorts extends PlaceEyes {
  /** The policy that all apps that serve now ask for. */
  policy(): Promise<Policy>
  cluster: Pick<Cluster, 'place' | 'receive'>
}

/** The folder in a place that the WAL is streamed to. */
export const receivedAt = ({ path }: FolderPlace): string => join(path, 'received')

/** All folders that the WAL may have been streamed to, now or before. */
export const receivedFolders = (places: readonly Place[]): string[] =>
  places.flatMap(place => (place.kind === 'folder' ? [receivedAt(place)] : []))

/** Sets up streaming for a release of this app that is about to serve. Failure `rpo.elsewhere`, `rpo.receiver`, `backup.place`. */
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

/** Sets up streaming as the releases that serve ask for it. */
export async function receiveAsAsked(ports: StreamPorts): Promise<void> {
  const { receive } = await ports.policy()
  await receiveAt(ports, receive?.place ?? null)
}

/** Streams to a place, or to none. Refuses an unmounted disk: its mount point is on the first disk, and nobody would notice that there is no second copy. */
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

/** Removes streamed files whose segments are in the archive of the same place. */
export async function dropReceived(
  { files }: { files: { tree(path: string): Promise<string[]>; remove(path: string): Promise<void> } },
  place: FolderPlace,
  segments: readonly string[],
): Promise<void> {
  for (const path of takenOver(await files.tree(receivedAt(place)), segments)) await files.remove(path)
}

/**
 * The streamed files that can be removed: their segment is archived, or a later timeline has reached that position. The
 * segment that is being written, and history files of timelines, stay.
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
