import type { Place } from '../places/place.ts'
import type { Finding, Progress } from './snapshots.ts'

/** A copy of the files of an app's cluster at one place. */
export interface PhysicalBackup {
  label: string
  kind: 'full' | 'diff' | 'incr'
  place: string
  /** Label of the backup that it builds on; null: none. */
  prior: string | null
  /** Milliseconds since 1970. */
  startedAt: number
  endedAt: number
  /** Size of the cluster when it was taken. */
  bytes: number
  /** Bytes that this backup added to the place. */
  storedBytes: number
  /** The WAL segments that it begins and ends in: with all between them it is consistent. */
  firstSegment: string
  lastSegment: string
  /** Position in the log at which it is consistent. */
  end: number
  /** Pages failed their checksum while it was taken. */
  error: boolean
}

/**
 * The moment that a restore must reach. `backup`: the label to begin from; null: the engine chooses. `timeline`: the one
 * that the cluster wrote at that moment. A restore to an earlier moment begins a new timeline, and on the newest one
 * the moment may never have been.
 */
export type Target =
  | { kind: 'latest'; backup: string | null }
  | { kind: 'time'; at: number; backup: string; timeline: number }
  | { kind: 'point'; name: string; backup: string | null; timeline: number }
  | { kind: 'backup'; label: string; timeline: number }

export interface RestoreOrder {
  place: Place
  target: Target
  /** Folders that the WAL was streamed to: segments that were not archived yet come from there. */
  received?: readonly string[]
  /** An empty folder, which becomes the data folder of a cluster. */
  into: string
  /** Folder for the engine's own files. It must stay until the recovery of `into` has ended. */
  scratch: string
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** The WAL archive at a place: names of its segments, in order. */
export interface Archive {
  segments: string[]
}

/** A timeline, and until which position in the log it is part of the history of the newest one; infinite: it is the newest. */
export interface Past {
  timeline: number
  until: number
}

/** Position in the log, of its form in PostgreSQL (`0/7000028`). */
export function position(lsn: string): number {
  const [high, low] = lsn.split('/').map(part => Number.parseInt(part, 16))
  return high! * 2 ** 32 + low!
}

/** What a history file of PostgreSQL (`00000003.history`) says: a line for each earlier timeline, with where it was left. */
export const readHistory = (name: string, text: string): Past[] => [
  ...[...text.matchAll(/^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/gm)].map(([, timeline, lsn]) => ({
    timeline: Number(timeline),
    until: position(lsn!),
  })),
  { timeline: Number.parseInt(name.slice(0, 8), 16), until: Number.POSITIVE_INFINITY },
]

/** Port to physical backups of the running cluster of one app and the archive of its WAL: any moment between them can be restored. */
export interface Physical {
  /** The cluster's archive_command. It succeeds only when every place has the segment. */
  archiveCommand(): string
  /** Makes a place ready and keeps its content. May run at any time. Failure `backup.place`, `backup.key`. */
  prepare(place: Place): Promise<void>
  /** From now on each finished segment is archived to all of these places. Without places, segments wait in the cluster. */
  archiveTo(places: readonly Place[]): Promise<void>
  /** From now on finished segments are kept nowhere, until `archiveTo` is called again. */
  archiveNowhere(): Promise<void>
  /** Archives files of the write-ahead log that no running cluster archives, to the places of `archiveTo`. Failure `backup.archive`. */
  archiveFiles(paths: readonly string[], signal?: AbortSignal): Promise<void>
  /**
   * The newest timeline that the place knows, with those that it has in its history; empty: there is one timeline. Its own
   * log may not be there yet.
   */
  history(place: Place): Promise<Past[]>
  /** The backups at a place, oldest first. Failure `backup.place`, `backup.key`. */
  list(place: Place): Promise<PhysicalBackup[]>
  archive(place: Place): Promise<Archive>
  /** When a segment arrived at the place, in milliseconds since 1970 and by the clock there; null: it is not there. */
  arrivedAt(place: Place, segment: string): Promise<number | null>
  /** Resolves with the label when the backup and the WAL that makes it consistent are at the place. Failure `backup.space`. */
  take(order: {
    place: Place
    kind: 'full' | 'diff'
    signal: AbortSignal
    onProgress: (progress: Progress) => void
  }): Promise<string>
  /** Removes these backups and unneeded WAL. The newest `walOf` backups keep all WAL since their start, the others only what makes them consistent. */
  expire(place: Place, labels: readonly string[], walOf: number): Promise<void>
  /** Labels of the backups of which the place has the list of files, without which nothing of a backup can be read. */
  listed(place: Place): Promise<string[]>
  /** Compares every stored byte with its checksum. What is gone as a whole is not noticed. */
  verify(place: Place, signal?: AbortSignal): Promise<Finding[]>
  /** Restores into `into`: a server started there reaches the target by itself. Failure `restore.target`, `backup.damaged`, `backup.space`. */
  restore(order: RestoreOrder): Promise<{ label: string; bytes: number }>
}
