import type { Place } from '../places/place.ts'
import type { Finding, Progress } from './snapshots.ts'

/** A copy of the whole cluster's files at one place. */
export interface PhysicalBackup {
  label: string
  kind: 'full' | 'diff' | 'incr'
  place: string
  /** The backup that it builds on; null: it stands alone. */
  prior: string | null
  /** Milliseconds since 1970. */
  startedAt: number
  endedAt: number
  /** Of the cluster when it was taken. */
  bytes: number
  /** That it added to the place. */
  storedBytes: number
  /** Of the write-ahead log, that it begins in. */
  firstSegment: string
  /** Pages failed their checksum while it was taken. */
  error: boolean
}

/** Which moment a restore is to reach. `backup`: where to begin; null: the engine chooses. */
export type Target =
  | { kind: 'latest' }
  | { kind: 'time'; at: number; backup: string }
  | { kind: 'point'; name: string; backup: string | null }
  | { kind: 'backup'; label: string }

export interface RestoreOrder {
  place: Place
  target: Target
  /** Folders that the log was streamed to: what was not archived yet comes from there. */
  received?: readonly string[]
  /** Only these databases' rows; null: all. */
  databases: readonly string[] | null
  /** An empty folder, which becomes a cluster's data folder. */
  into: string
  /** For the engine's own files while WAL is fetched; lives as long as `into` is recovering. */
  scratch: string
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** What the archive of write-ahead log at a place holds: names of segments, in order. */
export interface Archive {
  segments: string[]
}

/** Port to backups of a running cluster's files with its write-ahead log: any moment in between can be restored. */
export interface Physical {
  /** The command that the cluster runs for each finished segment; it succeeds when every place has it. */
  archiveCommand(): string
  /** Makes a place ready; its content stays. May run at any time. Failure `backup.place`, `backup.key`. */
  prepare(place: Place): Promise<void>
  /** From now on each finished segment goes to all of these; with none, it stays until there are some. */
  archiveTo(places: readonly Place[]): Promise<void>
  /** What a place holds, oldest first. Failure `backup.place`, `backup.key`. */
  list(place: Place): Promise<PhysicalBackup[]>
  archive(place: Place): Promise<Archive>
  /** Resolves with the label when the backup and the WAL that makes it consistent are at the place. Failure `backup.space`. */
  take(order: {
    place: Place
    kind: 'full' | 'diff'
    signal: AbortSignal
    onProgress: (progress: Progress) => void
  }): Promise<string>
  /** Removes these, and all WAL but what the newest `walOf` backups need in full and the others to be consistent. */
  expire(place: Place, labels: readonly string[], walOf: number): Promise<void>
  /** Reads every stored byte against its checksum. */
  verify(place: Place, signal?: AbortSignal): Promise<Finding[]>
  /** Afterwards a server started on `into` reaches the target by itself. Failure `restore.target`, `backup.damaged`, `backup.space`. */
  restore(order: RestoreOrder): Promise<{ label: string; bytes: number }>
}
