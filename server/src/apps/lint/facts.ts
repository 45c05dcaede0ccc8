import type { Name, Uses } from './op.ts'

/** What an app's database says of itself, for judging what is about to change in it. */
export interface LiveFacts {
  /** Milliseconds since 1970. */
  at: number
  /** Such as 150013. */
  version: number
  /** Schemas in which a name without one is looked for. */
  path: readonly string[]
  tables: readonly LiveTable[]
  indexes: readonly {
    schema: string
    name: string
    table: Name
    columns: readonly string[]
    valid: boolean
  }[]
  /** Sessions that have had a transaction open for some seconds, and what they hold locks on. */
  sessions: readonly OpenSession[]
  /** Functions with rows of their own at each call, such as `gen_random_uuid`. */
  volatile: readonly string[]
}

export interface LiveTable {
  schema: string
  name: string
  kind: 'table' | 'partitioned' | 'view' | 'materialized'
  /** An estimate. null: it was never counted. */
  rows: number | null
  bytes: number
  indexBytes: number
  /** A second, on average since PostgreSQL counts. */
  reads: number
  writes: number
  columns: readonly LiveColumn[]
  /** Whether changes of it are sent on to other servers (a publication). */
  published: boolean
}

export interface LiveColumn {
  name: string
  /** As `format_type` writes it: `character varying(20)`. */
  type: string
  notNull: boolean
  /** A validated check says that it is not null, so that `set not null` looks at no rows. */
  checkedNotNull: boolean
  /** Whether rows without a value were seen when it was last counted; null: it was never counted. */
  nulls: boolean | null
}

export interface OpenSession {
  pid: number
  /** A name that the client gave itself; empty: none. */
  application: string
  seconds: number
  /** It does nothing, and keeps its locks. */
  idle: boolean
  dump: boolean
  tables: readonly Name[]
}

/** A statement that was asked while the release that serves now was there. */
export interface ServedStatement extends Uses {
  text: string
  /** Milliseconds since 1970, as far as that was noticed. */
  lastAsked: number
}

/** Which statements what serves asks. */
export interface Served {
  release: string
  /** Since when it is looked; milliseconds since 1970. */
  since: number
  statements: readonly ServedStatement[]
  /** Statements that could not be understood. */
  unread: number
}

/** All that a judgement takes. `live` null: the database could not be asked; `served` null: nobody counts. */
export interface Known {
  live: LiveFacts | null
  served: Served | null
  /** Nothing is there yet: no database, or one without tables. */
  empty: boolean
}
