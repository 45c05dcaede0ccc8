/** What each level of a drill proves, from the lowest to the highest. */
export const LEVELS = [
  'everything that the restore point names is at the place',
  'stored bytes match their checksums, and no write-ahead log is missing',
  'the copy starts and reaches its moment',
  'pages, indexes, extensions, roles and sequences are sound',
  'the rows are those that were counted, and the last heartbeat is there',
  'the app starts on the copy and answers',
  'all of it from the recovery kit alone',
] as const

export interface Level {
  /** Index into LEVELS. */
  level: number
  state: 'proven' | 'failed' | 'skipped'
  detail: string
  /** Sentences: what this level does not prove. */
  unproven: readonly string[]
  ms: number
}

/** One rehearsal of a restore, on a copy that nobody else sees. */
export interface Drill {
  id: string
  app: string
  /** The restore point that is restored, and the place that it comes from. */
  point: string
  place: string
  /** Why the point is no part of what the app has now, as a sentence; null: it is. */
  abandoned: string | null
  state: 'running' | 'proven' | 'failed' | 'cancelled'
  /** The levels that were reached, lowest first. */
  levels: readonly Level[]
  /**
   * Recovery time, in milliseconds: fetching the backup, starting the copy until it reached its moment, and starting the
   * app until it was healthy. Finding the fault and deciding are not included. null: the drill did not get so far.
   */
  rtoMs: number | null
  /** Milliseconds from the last heartbeat in the copy to the moment that was asked for: the most that could be lost. */
  rpoMs: number | null
  /** Milliseconds since 1970. */
  at: number
  endedAt: number | null
}
