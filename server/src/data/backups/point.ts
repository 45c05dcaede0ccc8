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

/** A part that should be in the point and is not. The parts of other apps are not affected. */
export interface MissingPart {
  /** `shop/redis`, `shop/rows` (what its tables hold was not counted); `place`: nothing of the point is at that place. */
  of: string
  /** null: at none. */
  place: string | null
  why: string
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
  /** `marked`: in the write-ahead log and nothing more; `good`: its parts are at their places and were checked. */
  state: 'taking' | 'good' | 'failed' | 'marked'
  /** Where it is to be kept. */
  places: readonly string[]
  /** Why it failed. */
  reason: string | null
  /** Release that served, by app. */
  releases: Readonly<Record<string, string>>
  parts: ReadonlyArray<PhysicalPart | SnapshotPart>
  /** What should be in it and is not. */
  missing: readonly MissingPart[]
  /** Database → table → number of rows, and a hash of the rows that no longer change. */
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
  /** Tables that its owner could not read, and why; missing in points of before. */
  uncounted?: Readonly<Record<string, string>>
}
