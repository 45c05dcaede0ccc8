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

/** A part that should be in the point and is not. Parts of other apps are not affected. */
export interface MissingPart {
  /** `shop/redis`, `shop/rows` (the rows of its tables were not counted); `place`: nothing of the point is at that place. */
  of: string
  /** Name of the place; null: the part is missing at every place. */
  place: string | null
  why: string
}

/** One moment of everything of an app that is kept together: database, files, Redis, releases; or of the keeper's own state. */
export interface Point {
  /** Also the name of the moment in the write-ahead log. */
  name: string
  kind: PointKind
  /** The app that it is of; null: the keeper's own state. */
  app: string | null
  /** Milliseconds since 1970. */
  at: number
  /** The WAL segment that holds the moment; null without a cluster. */
  segment: string | null
  /** `marked`: only named in the write-ahead log; `good`: its parts are at their places and were checked. */
  state: 'taking' | 'good' | 'failed' | 'marked'
  /** Names of the places that it is meant for. */
  places: readonly string[]
  /** Why it failed. */
  reason: string | null
  /** App → the release that served. */
  releases: Readonly<Record<string, string>>
  parts: ReadonlyArray<PhysicalPart | SnapshotPart>
  /** Parts that should be in it and are not. */
  missing: readonly MissingPart[]
  /** Database → table → number of rows, and a hash of the rows that no longer change. */
  manifest: Readonly<Record<string, Manifest>>
  endedAt: number | null
}

export interface Counted {
  rows: number
  /** Hash of all rows, independent of their order; null: the table is too large to be hashed. */
  hash: string | null
}

/** What a database held at the moment of the point. */
export interface Manifest {
  /** Nothing was written between the count and the moment: a restored copy must hold exactly this. */
  exact: boolean
  tables: Readonly<Record<string, Counted>>
  /** Table that its owner could not read → why. Absent in points of earlier versions. */
  uncounted?: Readonly<Record<string, string>>
}
