import { join } from 'node:path'
import type { Cluster } from '../../apps/databases/cluster.ts'
import type { FolderPlace, Place } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import { mounted, type PlaceEyes } from '../repositories/ready.ts'

/** What it takes to stream the WAL to a folder. */
export interface StreamPorts extends PlaceEyes {
  app: string
  /** The policy that the app asks for now. */
  policy(): Promise<Policy>
  cluster: Pick<Cluster, 'place' | 'receive'>
}

/** The folder in a place that the WAL of an app is streamed to. */
export const receivedAt = ({ path }: FolderPlace, app: string): string => join(path, 'received', app)

/** All folders that the WAL of an app may have been streamed to, now or before. */
export const receivedFolders = (places: readonly Place[], app: string): string[] =>
  places.flatMap(place => (place.kind === 'folder' ? [receivedAt(place, app)] : []))

/** Sets up streaming for a release that is about to serve. Failure `rpo.receiver`, `backup.place`. */
export const receiveFor = (
  ports: StreamPorts,
  folder: { name: string; path: string } | null,
  signal: AbortSignal,
): Promise<void> => receiveAt(ports, folder && { kind: 'folder', ...folder }, signal)

/** Sets up streaming as the releases that serve ask for it. */
export async function receiveAsAsked(ports: StreamPorts): Promise<void> {
  await receiveAt(ports, (await ports.policy()).receive)
}

/** Streams to a place, or to none. Refuses an unmounted disk: its mount point is on the first disk, and nobody would notice that there is no second copy. */
async function receiveAt(ports: StreamPorts, place: FolderPlace | null, signal?: AbortSignal): Promise<void> {
  if ((await ports.cluster.place()) === null) return
  if (place !== null) await mounted(ports, place)
  await ports.cluster.receive(place && receivedAt(place, ports.app), signal)
}

/** Removes streamed files whose segments are in the archive of the same place. */
export async function dropReceived(
  {
    app,
    files,
  }: { app: string; files: { tree(path: string): Promise<string[]>; remove(path: string): Promise<void> } },
  place: FolderPlace,
  segments: readonly string[],
): Promise<void> {
  for (const path of takenOver(await files.tree(receivedAt(place, app)), segments)) await files.remove(path)
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
