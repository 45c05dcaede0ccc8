/** Why a restore point was made: by the schedule, by a person, or by a deploy before its release step. */
export type PointKind = 'schedule' | 'person' | 'deploy'

export interface PhysicalPart {
  of: 'cluster'
  place: string
  /** Label of the backup. */
  id: string
}

export interface SnapshotPart {
  /** `shop/files`, `shop/redis`, `shop/dump`, `keeper/state`. */
  of: string
  place: string
  id: string
  bytes: number
  addedBytes: number
}

/** One moment, in all that is kept together: database, files, Redis, releases. */
export interface Point {
  /** Also its name in the write-ahead log. */
  name: string
  kind: PointKind
  /** The app that it was made for; null: the whole server. */
  app: string | null
  /** Milliseconds since 1970. */
  at: number
  /** Of the write-ahead log, that holds the moment; null without a cluster. */
  segment: string | null
  /** `marked`: in the write-ahead log and nothing more; `good`: all parts are at their places and were checked. */
  state: 'taking' | 'good' | 'failed' | 'marked'
  /** Where it is to be kept. */
  places: readonly string[]
  /** Why it failed. */
  reason: string | null
  /** Release that served, by app. */
  releases: Readonly<Record<string, string>>
  parts: ReadonlyArray<PhysicalPart | SnapshotPart>
  /** By database: table to its rows and a hash of those that no longer change. */
  manifest: Readonly<Record<string, Manifest>>
  endedAt: number | null
}

export interface Counted {
  rows: number
  /** Of all rows, in any order; null for a table that is too large to read for it. */
  hash: string | null
}

/** What a database held at the moment of the point. */
export interface Manifest {
  /** Nothing was written between the count and the moment: a copy must hold just this. */
  exact: boolean
  tables: Readonly<Record<string, Counted>>
}
