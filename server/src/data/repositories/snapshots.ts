import type { Place } from '../places/place.ts'

/** One tree that was kept: files of an app, a dump, a copy of Redis' file, the keeper's own state. */
export interface Snapshot {
  /** Of the engine; short enough to read aloud, stable. */
  id: string
  place: string
  /** What it is of: `shop/files`, `shop/redis`, `shop/dump`, `keeper/state`. */
  of: string
  /** The restore point that it belongs to. */
  point: string
  /** Milliseconds since 1970. */
  at: number
}

/** Bytes of content so far and of all that there is; null where the engine does not tell. */
export interface Progress {
  doneBytes: number
  totalBytes: number | null
}

export interface SnapshotOrder {
  place: Place
  of: string
  point: string
  /** When it counts as taken, milliseconds since 1970. */
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

/** What a check of a place found; empty: all is well. */
export interface Finding {
  /** What is wrong, in a sentence. */
  what: string
}

/** Port to a deduplicating, encrypted repository of snapshots at each place. A place is made ready at its first use. */
export interface Snapshots {
  /** A folder with all that is in it: modes, owners, links. Failure `backup.space`, `backup.place`, `backup.key`. */
  keepFolder(order: SnapshotOrder & { path: string; exclude?: readonly string[] }): Promise<Kept>
  /** What a command prints on standard output, as one file of this name; the command's failure is the snapshot's. */
  keepOutput(
    order: SnapshotOrder & {
      argv: readonly string[]
      env: Readonly<Record<string, string>>
      user: { uid: number; gid: number } | null
      file: string
    },
  ): Promise<Kept>
  /** All snapshots of a place, oldest first; none when nothing was ever kept there. */
  list(place: Place): Promise<Snapshot[]>
  /** Writes the snapshot's tree into an empty folder and reads every byte of it again; Failure `backup.damaged` rather than a wrong byte. */
  restore(order: {
    place: Place
    id: string
    into: string
    signal?: AbortSignal
    onProgress?: (progress: Progress) => void
  }): Promise<{ bytes: number }>
  /** Forgets these and frees what only they used. */
  forget(place: Place, ids: readonly string[], signal?: AbortSignal): Promise<void>
  /** Reads structure, or with `data` every stored byte. */
  check(place: Place, how: { data: boolean; signal?: AbortSignal }): Promise<Finding[]>
}
