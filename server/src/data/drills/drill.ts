/** What each rung of the ladder shows, from the bottom up. */
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
  /** What this level leaves open, in sentences. */
  unproven: readonly string[]
  ms: number
}

/** One rehearsal of a restore, on a copy that nobody else sees. */
export interface Drill {
  id: string
  app: string
  /** The restore point that it began from, and where. */
  point: string
  place: string
  state: 'running' | 'proven' | 'failed' | 'cancelled'
  /** Those that were reached, lowest first. */
  levels: readonly Level[]
  /**
   * How long the data would have been away: fetching the backup, the start of the copy until it reached its moment, and
   * the start of the app until its health was good. Finding the fault and deciding are not in it. null: not so far.
   */
  rtoMs: number | null
  /** From the last heartbeat in the copy to the moment that was asked for: the most that could be missing. */
  rpoMs: number | null
  /** Milliseconds since 1970. */
  at: number
  endedAt: number | null
}
