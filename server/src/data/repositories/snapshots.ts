import type { Place } from '../places/place.ts'

/** One tree of files that was kept: an app's folders, a dump, a file of Redis, the keeper's own state. */
export interface Snapshot {
  /** Id that the engine gave: stable, and short enough to read aloud. */
  id: string
  place: string
  /** What it holds: `shop/files`, `shop/redis`, `shop/dump`, `keeper/state`. */
  of: string
  /** The restore point that it belongs to. */
  point: string
  /** Milliseconds since 1970. */
  at: number
}

/** Bytes of content so far and in all; null: the engine does not know. */
export interface Progress {
  doneBytes: number
  totalBytes: number | null
}

export interface SnapshotOrder {
  place: Place
  of: string
  point: string
  /** The time that the snapshot gets, in milliseconds since 1970. */
  at: number
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface Kept {
  id: string
  /** Bytes of the tree or stream. */
  bytes: number
  /** Bytes that this snapshot added to the place. */
  addedBytes: number
}

/** A problem that a check of a place found. */
export interface Finding {
  /** What is wrong, in a sentence. */
  what: string
}

/** A file that is kept in the place of one in the folder, which changes while it is read. */
export interface Instead {
  /** Path below the folder, with slashes. */
  path: string
  /** Absolute path of the file that is kept. No app may be able to change it. */
  file: string
  /** Paths below the folder that are left out. */
  without: readonly string[]
}

/** Port to an encrypted, deduplicating repository of snapshots at each place. A repository is created at its first use. */
export interface Snapshots {
  /** Keeps a folder with its content, modes, owners and links. Failure `backup.space`, `backup.place`, `backup.key`. */
  keepFolder(order: SnapshotOrder & { path: string; instead?: readonly Instead[] }): Promise<Kept>
  /** Keeps the standard output of a command as one file with this name. When the command fails, there is no snapshot. */
  keepOutput(
    order: SnapshotOrder & {
      argv: readonly string[]
      env: Readonly<Record<string, string>>
      user: { uid: number; gid: number } | null
      file: string
    },
  ): Promise<Kept>
  /** All snapshots of a place, oldest first; empty when there is no repository yet. */
  list(place: Place): Promise<Snapshot[]>
  /** Writes the snapshot's tree into an empty folder, and reads it again to verify every byte. Failure `backup.damaged`. */
  restore(order: {
    place: Place
    id: string
    into: string
    signal?: AbortSignal
    onProgress?: (progress: Progress) => void
  }): Promise<{ bytes: number }>
  /** Removes these snapshots, and frees data that only they used. */
  forget(place: Place, ids: readonly string[], signal?: AbortSignal): Promise<void>
  /** Checks the structure of the repository; with `data`, every stored byte too. */
  check(place: Place, how: { data: boolean; signal?: AbortSignal }): Promise<Finding[]>
}
